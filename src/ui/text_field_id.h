#pragma once

namespace tconv {

/// Dear ImGui remembers what can be undone in a text field by the field's id, even when other words stand there since,
/// and stops the program when that does not fit (1.86 asserts): a field whose words were set by the program gets a new
/// id.
class TextFieldId {
 public:
  /// Before the field; `fresh`: its words are new. Pop with ImGui::PopID().
  void push(bool fresh);

 private:
  int number_ = 0;
};

}  // namespace tconv
