#include "kernels/direct_cut.h"

#include <algorithm>
#include <map>

#include "core/integers.h"
#include "kernels/copy_strided.h"
#include "kernels/engine.h"

namespace tconv {

using std::int64_t;

DirectCut::DirectCut(const LayerPlan& plan, const DirectShape& shape, FlatMap::Lines lines)
    : plan_(for_shape(plan, shape)),
      shape_(shape),
      map_(plan_, int64_t{vector_lanes()} * shape.vectors, lines),
      classes_(direct_classes(plan_, shape_, map_)),
      blocks_(ceil_div(plan.group_out(), shape.outputs)) {
  for (DirectClass& cls : classes_) {
    for (const DirectClass::Read& read : cls.reads) planes_.push_back(read.plane);
    cls.weights = group_weights_;
    group_weights_ += blocks_ * plan_.group_in() * channel_weights(cls);
  }
  std::ranges::sort(planes_);
  planes_.erase(std::ranges::unique(planes_).begin(), planes_.end());
}

int64_t DirectCut::tile_floats() const {
  return int64_t{shape_.phases_x} * shape_.phases_y * shape_.outputs * map_.chunk();
}

int64_t DirectCut::line_of(int64_t plane) const { return std::ranges::lower_bound(planes_, plane) - planes_.begin(); }

FloatBuffer DirectCut::pack_bias(const float* bias) const {
  FloatBuffer packed(plan_.groups * blocks_ * shape_.outputs);
  if (bias == nullptr) return packed;
  for (int64_t group = 0; group < plan_.groups; ++group) {
    std::copy_n(bias + group * plan_.group_out(), plan_.group_out(), packed.data() + group * blocks_ * shape_.outputs);
  }
  return packed;
}

FloatBuffer DirectCut::pack_weights(const float* weight) const {
  FloatBuffer packed(plan_.groups * group_weights_);
  for (int64_t group = 0; group < plan_.groups; ++group) {
    for (const DirectClass& cls : classes_) {
      pack_weights(cls, group, weight, packed.data() + group * group_weights_ + cls.weights);
    }
  }
  return packed;
}

void DirectCut::pack_weights(const DirectClass& cls, int64_t group, const float* weight, float* packed) const {
  const int outputs = shape_.outputs;
  std::map<std::tuple<int64_t, int64_t, int>, int64_t> place;  // of (plane, offset, phase) among a channel's weights
  int64_t places = 0;
  for (const DirectClass::Read& read : cls.reads) {
    for (int phase = 0; phase < 32; ++phase) {
      if ((read.phases >> phase & 1) != 0) place[{read.plane, read.offset, phase}] = places++;
    }
  }
  for_each_tap(plan_, shape_, cls, [&](const auto& z, const auto& y, const auto& x, int phase) {
    const int64_t to =
        place.at({map_.plane(z.plane, y.plane, x.plane), map_.offset(z.offset, y.offset, x.offset), phase});
    const int64_t tap = (z.tap * plan_.y().kernel + y.tap) * plan_.x().kernel + x.tap;
    for (int64_t in = 0; in < plan_.group_in(); ++in) {
      for (int64_t out = 0; out < plan_.group_out(); ++out) {
        const int64_t block = out / outputs;
        packed[((block * plan_.group_in() + in) * cls.phase_taps + to) * outputs + out % outputs] =
            weight[plan_.weight_index(group, in, out, tap)];
      }
    }
  });
}

void DirectCut::pack_inputs(const float* input, int64_t group, const FlatMap::Window& window, int64_t first_position,
                            DirectInputs& inputs) const {
  constexpr int64_t cache_line = 16;
  const int64_t aligned = (cache_line - (first_position - window.begin) % cache_line) % cache_line;
  const int64_t stride = odd_cache_lines(window.size + aligned);
  inputs.floats.reserve(stride * lines() * plan_.group_in());
  const float* const first_channel = input + group * plan_.group_in() * plan_.input_cells();
  for (int64_t line = 0; line < lines(); ++line) {
    map_.list_pieces(window, planes_[static_cast<std::size_t>(line)], inputs.pieces);
    bool two = map_.input_stride() == 2 && line + 1 < lines();
    if (two) map_.list_pieces(window, planes_[static_cast<std::size_t>(line + 1)], inputs.next_pieces);
    two = two && alternate(inputs.pieces, inputs.next_pieces);
    for (int64_t channel = 0; channel < plan_.group_in(); ++channel) {
      const float* const from = first_channel + channel * plan_.input_cells();
      float* const to = inputs.floats.data() + (channel * lines() + line) * stride + aligned;
      if (two) {
        copy_alternating_pieces(inputs.pieces, from, to, to + stride);
      } else {
        copy_pieces(inputs.pieces, from, map_.input_stride(), to);
      }
    }
    if (two) ++line;
  }
  inputs.at = inputs.floats.data() + aligned;
  inputs.stride = stride;
  inputs.begin = window.begin;
}

void DirectCut::list_terms(const DirectClass& cls, int64_t stride, std::vector<DirectTerm>& terms) const {
  terms.clear();
  for (const DirectClass::Read& read : cls.reads) {
    terms.push_back({line_of(read.plane) * stride + read.offset, read.phases});
  }
  if (shape_.pattern != 0) mark_rows(shape_, terms);
}

}  // namespace tconv
