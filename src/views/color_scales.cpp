#include "views/color_scales.h"

namespace tconv {

const ColorMap& shown_color_map(const Document& document) {
  const ColorMap* map = find_color_map(document.presentation.color_map);
  if (map == nullptr) map = find_color_map(Presentation{}.color_map);
  return map != nullptr ? *map : color_maps().front();
}

ColorScale scale_for(const ViewInput& in, const ColorData& data) {
  return {shown_color_map(in.document), in.document.presentation.colors, data};
}

ColorScale scale_for(const ViewInput& in, std::span<const float> values) {
  return scale_for(in, ColorData{.parts = {values}});
}

ColorScale count_scale_for(const ViewInput& in, std::span<const float> counts) {
  return scale_for(in, ColorData{.parts = {counts}, .counts = true});
}

}  // namespace tconv
