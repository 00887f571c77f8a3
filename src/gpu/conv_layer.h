#pragma once
// A layer with its weights on a device.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"
#include "gpu/conv_path.h"

namespace tconv {

/// For the thread on which the device's context is current. Functions throw BackendError.
class ConvLayer {
 public:
  /// A legal layer and arrays as in `scatter_add`. All memory is asked for here. `path`: the id of one, or empty for
  /// the planner's choice. `before`: a layer that gives its input to this one if it is cut alike; may be null.
  ConvLayer(GlDevice& device, const LayerSpec& layer, const Tensor& weight, const Tensor& bias,
            std::string_view path = {}, ConvLayer* before = nullptr);

  /// Other weights of the same shapes, in the same memory. False, and nothing is changed, when they need another path
  /// (see `choose_path`).
  bool set_weights(const Tensor& weight, const Tensor& bias);
  void upload(const float* input);  ///< (N, C_in, spatial…), dense
  /// From what was uploaded to `output_of`; returns before it is done. False when `keep_going` said no, which is asked
  /// before each piece.
  bool compute(const KeepGoing& keep_going = {});
  void download(float* output);  ///< (N, C_out, spatial…), dense

  bool has_inputs() const { return has_inputs_; }  ///< those of the layer before
  /// The arrays of `output_of`; the layer then has none until `make_outputs` or `compute` ask for new ones.
  std::vector<GlBuffer> take_outputs() { return std::exchange(outputs_, {}); }
  void make_outputs();

  /// The pieces, and the array of each: (batch, channels of its block, z, y, x).
  const ConvPieces& pieces() const { return pieces_; }
  const GlBuffer& output_of(std::size_t piece) const { return outputs_[piece]; }
  std::vector<std::string> explanation() const;

 private:
  struct Input {
    Span batch;
    Span channels;
    std::array<Span, 3> cells;
    GlBuffer buffer;
  };

  GlDevice& device_;
  ConvGeometry geometry_;
  PathChoice choice_;
  std::unique_ptr<ConvPath> path_;
  ConvPieces pieces_;
  std::vector<GlBuffer> weights_;  ///< by block
  std::vector<GlBuffer> biases_;   ///< by block
  std::vector<Input> inputs_;
  bool has_inputs_ = false;
  std::vector<std::size_t> input_of_;  ///< by piece
  std::vector<GlBuffer> outputs_;      ///< by piece
};

}  // namespace tconv
