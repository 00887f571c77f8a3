#include "gpu/conv_layer.h"

#include <algorithm>
#include <cmath>

#include "compute/backend.h"

namespace tconv {
namespace {

using std::int64_t;

bool all_finite(const Tensor& tensor) {
  return std::ranges::all_of(tensor.values(), [](float value) { return std::isfinite(value); });
}

ArrayExtents block_extents(const ConvGeometry& g, int64_t channels, int64_t ConvAxis::*size) {
  return {channels, {g.axes[0].*size, g.axes[1].*size, g.axes[2].*size}};
}

/// Zeros for a layer without.
std::vector<float> biases_of(const ChannelBlock& block, const Tensor& bias) {
  std::vector<float> biases(static_cast<std::size_t>(block.out.count), 0.0F);
  if (!bias.empty()) std::copy_n(bias.data() + block.out.first, block.out.count, biases.begin());
  return biases;
}

}  // namespace

ConvLayer::ConvLayer(GlDevice& device, const LayerSpec& layer, const Tensor& weight, const Tensor& bias,
                     std::string_view path, ConvLayer* before)
    : device_(device),
      geometry_(layer),
      choice_(choose_path(geometry_, device, path, all_finite(weight))),
      path_(choice_.kind.make(geometry_, device)) {
  pieces_ = pieces_of(geometry_, device.limits().block_bytes / float_bytes,
                      [&](const ChannelBlock& block) { return path_->packed_size(block); });
  for (const ChannelBlock& block : pieces_.blocks) {
    const std::vector<float> packed = path_->packed(block, weight.data());
    weights_.push_back(device.make_buffer(static_cast<int64_t>(packed.size()) * float_bytes, packed.data()));
    const std::vector<float> biases = biases_of(block, bias);
    biases_.push_back(device.make_buffer(block.out.count * float_bytes, biases.data()));
  }
  for (const ConvPiece& piece : pieces_.pieces) {
    const Span channels = pieces_.blocks[piece.block].in;
    const auto same = std::ranges::find_if(inputs_, [&](const Input& input) {
      return input.batch == piece.batch && input.channels == channels && input.cells == piece.input;
    });
    input_of_.push_back(static_cast<std::size_t>(same - inputs_.begin()));
    if (same == inputs_.end()) inputs_.push_back({piece.batch, channels, piece.input, {}});
  }
  has_inputs_ = before != nullptr && std::ranges::equal(inputs_, before->inputs_, [](const Input& a, const Input& b) {
                  return a.batch == b.batch && a.channels == b.channels && a.cells == b.cells;
                });
  if (has_inputs_) {
    inputs_ = std::exchange(before->inputs_, {});
  } else {
    for (Input& input : inputs_) {
      input.buffer = device.make_buffer(Box{input.batch, input.channels, input.cells}.size() * float_bytes);
    }
  }
  make_outputs();
  path_->prepare(pieces_);
}

bool ConvLayer::set_weights(const Tensor& weight, const Tensor& bias) {
  if (choice_.kind.id != general_path().id && !all_finite(weight)) return false;
  for (std::size_t i = 0; i < pieces_.blocks.size(); ++i) {
    const std::vector<float> packed = path_->packed(pieces_.blocks[i], weight.data());
    device_.write(weights_[i], 0, static_cast<int64_t>(packed.size()) * float_bytes, packed.data());
    const std::vector<float> biases = biases_of(pieces_.blocks[i], bias);
    device_.write(biases_[i], 0, static_cast<int64_t>(biases.size()) * float_bytes, biases.data());
  }
  return true;
}

void ConvLayer::upload(const float* input) {
  const ArrayExtents extents = block_extents(geometry_, geometry_.in_channels, &ConvAxis::input);
  std::vector<float> copy;
  for (const Input& to : inputs_) {
    const Box box{to.batch, to.channels, to.cells};
    device_.write(to.buffer, 0, box.size() * float_bytes, gathered(box, extents, input, copy));
  }
}

void ConvLayer::make_outputs() {
  if (!outputs_.empty()) return;
  for (const ConvPiece& piece : pieces_.pieces) {
    outputs_.push_back(device_.make_buffer(pieces_.output_size(piece) * float_bytes));
  }
}

bool ConvLayer::compute(const KeepGoing& keep_going) {
  make_outputs();
  for (std::size_t i = 0; i < pieces_.pieces.size(); ++i) {
    if (keep_going && !keep_going()) return false;
    const ConvPiece& piece = pieces_.pieces[i];
    path_->run(piece, pieces_.blocks[piece.block],
               {inputs_[input_of_[i]].buffer, weights_[piece.block], biases_[piece.block], outputs_[i]});
  }
  return true;
}

void ConvLayer::download(float* output) {
  const ArrayExtents extents = block_extents(geometry_, geometry_.out_channels, &ConvAxis::output);
  std::vector<float> copy;
  for (std::size_t i = 0; i < pieces_.pieces.size(); ++i) {
    const ConvPiece& piece = pieces_.pieces[i];
    const Box box{piece.batch, pieces_.blocks[piece.block].out, piece.output};
    float* to = gathering_place(box, extents, output, copy);
    device_.read(outputs_[i], 0, box.size() * float_bytes, to);
    if (to == copy.data()) scattered(box, extents, to, output);
  }
}

std::vector<std::string> ConvLayer::explanation() const {
  std::vector<std::string> lines{std::string(choice_.kind.id) + ": " + path_->way()};
  if (pieces_.pieces.size() > 1) {
    lines.push_back(std::to_string(pieces_.pieces.size()) + " pieces, since a shader sees at most " +
                    std::to_string(device_.limits().block_bytes >> 20) + " MiB of an array");
  }
  lines.insert(lines.end(), choice_.opinions.begin(), choice_.opinions.end());
  return lines;
}

}  // namespace tconv
