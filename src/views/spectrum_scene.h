#pragma once
// What the parts of the Spectrum view draw: the responses of what is shown, and their words.

#include <string>
#include <vector>

#include "core/spectrum.h"
#include "views/view.h"

namespace tconv {

/// Which axis the curves go along: ViewChoice{"spectrum/axis", "0"}, the last one unless chosen.
inline constexpr std::string_view spectrum_axis_choice = "spectrum/axis";
int spectrum_axis(const ViewInput& in);

/// The largest kernel and the largest plane of input that are summed up whenever the view is drawn, in numbers.
inline constexpr std::int64_t largest_drawn_kernel = std::int64_t{1} << 21;
inline constexpr std::int64_t largest_drawn_input = std::int64_t{1} << 22;

struct SpectrumScene {
  /// Of results that are ready.
  explicit SpectrumScene(const ViewInput& input);

  const ViewInput& in;
  const LayerSpec& layer;
  int axis;               ///< that the curves go along
  const AxisSpec& along;  ///< the same
  bool is_joined;         ///< a kernel joins the two channels on show
  bool is_small;          ///< that kernel is
  bool few_images;
  ImageGains gains;  ///< unless one of these three is false

  std::int64_t points;  ///< of the curves, from −π to just below π
  // |X(Sω)|, |H(ω)|, their product; empty when there is none to draw: too large, not joined, or not all finite.
  std::vector<double> input;
  std::vector<double> kernel;
  std::vector<double> output;

  /// There are gains and they mean something.
  bool has_gains() const { return is_joined && is_small && few_images && gains.finite; }
  /// The gain at the image m = 1 … S − 1 of the axis on show, 0 along the others.
  const ImageGain& along_axis(std::int64_t m) const;
  /// The gain at an image of the plane on show: rows' and columns' m, not both 0; depth's is 0.
  const ImageGain& in_plane(std::int64_t row, std::int64_t col) const;
  /// "w[0 → 2]", "w" of a layer with one pair of channels.
  std::string kernel_name() const;

 private:
  const ImageGain& at(const std::array<std::int64_t, 3>& m) const;
};

/// 2πm/S between −π (not included) and π.
double image_frequency(std::int64_t m, std::int64_t stride);
/// The same as a fraction: "π", "2π/3", "−π/2", "0".
std::string image_frequency_text(std::int64_t m, std::int64_t stride);
/// "π", of several axes "(π, 0)".
std::string image_place_text(const LayerSpec& layer, const ImageGain& image);

/// What the kernel does to the images, in a sentence.
struct SpectrumVerdict {
  std::string mark;  ///< "✓", "✗", or nothing where there is nothing to judge
  std::string text;
};
SpectrumVerdict spectrum_verdict(const SpectrumScene& scene);

}  // namespace tconv
