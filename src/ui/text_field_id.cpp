#include "ui/text_field_id.h"

#include <imgui.h>

namespace tconv {

void TextFieldId::push(bool fresh) {
  if (fresh) number_ = ImGui::GetFrameCount();
  ImGui::PushID(number_);
}

}  // namespace tconv
