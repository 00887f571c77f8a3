#include "gpu/conv_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compute/backend.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t float_bytes = sizeof(float);

bool all_finite(const Tensor& tensor) {
  return std::ranges::all_of(tensor.values(), [](float value) { return std::isfinite(value); });
}

/// A box of a dense array (batch, channels, z, y, x).
struct Box {
  Span batch;
  Span channels;
  std::array<Span, 3> cells;  // x, y, z

  int64_t size() const { return batch.count * channels.count * cells[0].count * cells[1].count * cells[2].count; }
};

/// Calls run(place in the array, place in the box, count) for each run of floats that lies together in both.
template <typename Run>
void for_each_run(const Box& box, int64_t all_channels, const std::array<int64_t, 3>& extents, const Run& run) {
  // As many inner axes as the box has whole, and one more, are one run.
  int64_t length = box.cells[0].count;
  std::array<Span, 4> outer{box.cells[1], box.cells[2], box.channels, box.batch};
  const std::array<int64_t, 4> sizes{extents[1], extents[2], all_channels, box.batch.end()};
  std::array<int64_t, 4> steps{};
  steps[0] = extents[0];
  for (std::size_t i = 1; i < 4; ++i) steps[i] = steps[i - 1] * sizes[i - 1];
  int64_t start = box.cells[0].first;
  bool whole = box.cells[0].count == extents[0];
  for (std::size_t i = 0; i < 4 && whole; ++i) {
    whole = outer[i].count == sizes[i];
    length *= outer[i].count;
    start += outer[i].first * steps[i];
    outer[i] = {0, 1};
  }
  int64_t in_box = 0;
  for (int64_t n = outer[3].first; n < outer[3].end(); ++n) {
    for (int64_t c = outer[2].first; c < outer[2].end(); ++c) {
      for (int64_t z = outer[1].first; z < outer[1].end(); ++z) {
        for (int64_t y = outer[0].first; y < outer[0].end(); ++y) {
          run(start + n * steps[3] + c * steps[2] + z * steps[1] + y * steps[0], in_box, length);
          in_box += length;
        }
      }
    }
  }
}

/// The memory of a box: a part of the array itself if it lies together there, else a copy.
bool lies_together(const Box& box, int64_t all_channels, const std::array<int64_t, 3>& extents, int64_t& first) {
  int runs = 0;
  for_each_run(box, all_channels, extents, [&](int64_t place, int64_t, int64_t) {
    if (runs++ == 0) first = place;
  });
  return runs == 1;
}

std::array<int64_t, 3> extents_of(const ConvGeometry& g, int64_t ConvAxis::*size) {
  return {g.axes[0].*size, g.axes[1].*size, g.axes[2].*size};
}

}  // namespace

ConvLayer::ConvLayer(GlDevice& device, const LayerSpec& layer, const Tensor& weight, const Tensor& bias,
                     std::string_view path)
    : device_(device),
      geometry_(layer),
      choice_(choose_path(geometry_, device, path, all_finite(weight))),
      path_(choice_.kind.make(geometry_, device)) {
  pieces_ = pieces_of(geometry_, device.limits().block_bytes / float_bytes,
                      [&](const ChannelBlock& block) { return path_->packed_size(block); });
  for (const ChannelBlock& block : pieces_.blocks) {
    const std::vector<float> packed = path_->packed(block, weight.data());
    weights_.push_back(device.make_buffer(static_cast<int64_t>(packed.size()) * float_bytes, packed.data()));
    std::vector<float> biases(static_cast<std::size_t>(block.out.count), 0.0F);
    if (!bias.empty()) std::copy_n(bias.data() + block.out.first, block.out.count, biases.begin());
    biases_.push_back(device.make_buffer(block.out.count * float_bytes, biases.data()));
  }
  for (const ConvPiece& piece : pieces_.pieces) {
    const Span channels = pieces_.blocks[piece.block].in;
    const auto same = std::ranges::find_if(inputs_, [&](const Input& input) {
      return input.batch == piece.batch && input.channels == channels && input.cells == piece.input;
    });
    input_of_.push_back(static_cast<std::size_t>(same - inputs_.begin()));
    if (same == inputs_.end()) {
      inputs_.push_back(
          {piece.batch, channels, piece.input, device.make_buffer(pieces_.input_size(piece) * float_bytes)});
    }
    outputs_.push_back(device.make_buffer(pieces_.output_size(piece) * float_bytes));
  }
  path_->prepare(pieces_);
}

void ConvLayer::upload(const float* input) {
  const auto extents = extents_of(geometry_, &ConvAxis::input);
  std::vector<float> copy;
  for (const Input& to : inputs_) {
    const Box box{to.batch, to.channels, to.cells};
    const float* from = nullptr;
    int64_t first = 0;
    if (lies_together(box, geometry_.in_channels, extents, first)) {
      from = input + first;
    } else {
      copy.resize(static_cast<std::size_t>(box.size()));
      for_each_run(box, geometry_.in_channels, extents, [&](int64_t place, int64_t in_box, int64_t count) {
        std::copy_n(input + place, count, copy.data() + in_box);
      });
      from = copy.data();
    }
    device_.write(to.buffer, 0, box.size() * float_bytes, from);
  }
}

bool ConvLayer::compute(const KeepGoing& keep_going) {
  for (std::size_t i = 0; i < pieces_.pieces.size(); ++i) {
    if (keep_going && !keep_going()) return false;
    const ConvPiece& piece = pieces_.pieces[i];
    path_->run(piece, pieces_.blocks[piece.block],
               {inputs_[input_of_[i]].buffer, weights_[piece.block], biases_[piece.block], outputs_[i]});
  }
  return true;
}

void ConvLayer::download(float* output) {
  const auto extents = extents_of(geometry_, &ConvAxis::output);
  std::vector<float> copy;
  for (std::size_t i = 0; i < pieces_.pieces.size(); ++i) {
    const ConvPiece& piece = pieces_.pieces[i];
    const Box box{piece.batch, pieces_.blocks[piece.block].out, piece.output};
    int64_t first = 0;
    if (lies_together(box, geometry_.out_channels, extents, first)) {
      device_.read(outputs_[i], 0, box.size() * float_bytes, output + first);
      continue;
    }
    copy.resize(static_cast<std::size_t>(box.size()));
    device_.read(outputs_[i], 0, box.size() * float_bytes, copy.data());
    for_each_run(box, geometry_.out_channels, extents, [&](int64_t place, int64_t in_box, int64_t count) {
      std::copy_n(copy.data() + in_box, count, output + place);
    });
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
