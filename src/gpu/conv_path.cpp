#include "gpu/conv_path.h"

#include <algorithm>
#include <array>

#include "compute/backend.h"
#include "core/integers.h"

namespace tconv {
namespace {

std::array<PathKind, 3> path_kinds() { return {general_path(), direct_path(), tiled_path()}; }

}  // namespace

PathChoice choose_path(const ConvGeometry& geometry, const GlDevice& device, std::string_view id, bool finite_weights) {
  const auto kinds = path_kinds();
  const PathKind* chosen = nullptr;
  double least = 0;
  std::vector<std::string> opinions;
  for (const PathKind& kind : kinds) {
    const bool is_general = kind.id == kinds.front().id;
    PathOpinion opinion = kind.opinion(geometry, device);
    if (!finite_weights && !is_general) opinion = {false, 0, "weights that are not finite must not meet zeros"};
    opinions.push_back(std::string(kind.id) + (opinion.possible ? ": " : ": not possible, ") + opinion.why);
    const bool wanted = id.empty() || id == kind.id;
    if (!wanted || !opinion.possible || (chosen != nullptr && opinion.cost >= least)) {
      if (wanted && !id.empty()) throw BackendError("the GPU's path " + opinions.back());
      continue;
    }
    chosen = &kind;
    least = opinion.cost;
    std::swap(opinions.front(), opinions.back());
  }
  if (chosen == nullptr) throw BackendError("the GPU has no path \"" + std::string(id) + "\"");
  return {*chosen, opinions};
}

std::string counted(std::int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

double cost_of(double each, std::int64_t invocations, const GlDevice& device) {
  return each * static_cast<double>(std::max(invocations, device.limits().enough_invocations / 2));
}

void set_piece(const GlProgram& program, const ConvPiece& piece, const ChannelBlock& block) {
  program.set(0, small(piece.input[0].count), small(piece.input[1].count), small(piece.input[2].count));
  program.set(1, small(piece.output[0].count), small(piece.output[1].count), small(piece.output[2].count));
  program.set(2, small(piece.shift[0]), small(piece.shift[1]), small(piece.shift[2]));
  program.set(3, small(block.group_in()), small(block.group_out()), small(block.groups));
}

void set_axes(const GlProgram& program, const ConvGeometry& geometry) {
  int location = 6;
  for (const auto number : {&ConvAxis::kernel, &ConvAxis::stride, &ConvAxis::dilation, &ConvAxis::remainder,
                            &ConvAxis::common, &ConvAxis::period, &ConvAxis::inverse, &ConvAxis::back}) {
    const auto of = [&](std::size_t axis) { return static_cast<int>(geometry.axes[axis].*number); };
    program.set(location++, of(0), of(1), of(2));
  }
}

void dispatch_slices(GlDevice& device, const GlProgram& program, std::int64_t x, std::int64_t y, std::int64_t slices,
                     std::int64_t per_group) {
  const std::int64_t at_once = device.limits().groups[2] * per_group;
  for (std::int64_t first = 0; first < slices; first += at_once) {
    program.set(4, static_cast<int>(first), static_cast<int>(slices));
    device.dispatch(program, x, y, ceil_div(std::min(at_once, slices - first), per_group));
  }
}

std::vector<float> plain_weights(const ConvGeometry& geometry, const ChannelBlock& block, const float* weight) {
  const std::int64_t row = geometry.group_out() * geometry.taps();
  const std::int64_t skipped = block.out.first % geometry.group_out() * geometry.taps();
  const std::int64_t taken = block.group_out() * geometry.taps();
  std::vector<float> plain;
  plain.reserve(static_cast<std::size_t>(block.in.count * taken));
  for (std::int64_t channel = block.in.first; channel < block.in.end(); ++channel) {
    const float* from = weight + channel * row + skipped;
    plain.insert(plain.end(), from, from + taken);
  }
  return plain;
}

}  // namespace tconv
