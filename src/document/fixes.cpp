#include "document/fixes.h"

#include <algorithm>

#include "document/pytorch_code.h"
#include "document/verdict.h"

namespace tconv {
namespace {

using std::int64_t;

std::string number_or_tuple(const LayerSpec& layer, int64_t AxisSpec::*number) {
  const auto axes = layer.spatial();
  std::string all = std::to_string(axes[0].*number);
  if (std::ranges::all_of(axes, [&](const AxisSpec& axis) { return axis.*number == axes[0].*number; })) return all;
  for (std::size_t i = 1; i < axes.size(); ++i) all += ", " + std::to_string(axes[i].*number);
  return "(" + all + ")";
}

std::string dims_text(const LayerSpec& layer) { return std::to_string(layer.dims) + "d"; }

/// "nn.Conv2d(1, 4, 3, padding='same', bias=False)"
std::string conv_code(const LayerSpec& layer, int64_t filters) {
  std::string code = "nn.Conv" + dims_text(layer) + "(" + std::to_string(layer.in_channels) + ", " +
                     std::to_string(layer.out_channels * filters) + ", " + number_or_tuple(layer, &AxisSpec::kernel) +
                     ", padding=\"same\"";
  if (layer.groups > 1) code += ", groups=" + std::to_string(layer.groups);
  return code + (layer.bias ? ")" : ", bias=False)");
}

int64_t stride_product(const LayerSpec& layer) {
  int64_t product = 1;
  for (const AxisSpec& axis : layer.spatial()) product *= axis.stride;
  return product;
}

bool has_stride(const LayerSpec& layer) {
  return std::ranges::any_of(layer.spatial(), [](const AxisSpec& axis) { return axis.stride > 1; });
}

/// K = 2S − S mod 2 on every axis that upsamples, cropped to I·S.
LayerSpec bilinear_layer(LayerSpec layer) {
  for (AxisSpec& axis : layer.spatial()) {
    if (axis.stride == 1) continue;
    axis.kernel = 2 * axis.stride - axis.stride % 2;
    axis.padding_begin = axis.padding_end = (axis.kernel - axis.stride) / 2;
    axis.output_padding = 0;
    axis.dilation = 1;
  }
  return layer;
}

class Fixes {
 public:
  Fixes(const Scenario& scenario, const Tensor& weight) : scenario_(scenario), weight_(weight) {}

  std::vector<Fix> all() {
    add("", short_name(layer()), "The layer as it is.", scenario_, weight_, cost_of(layer()), pytorch_code(layer()));
    if (!has_stride(layer())) return std::move(fixes_);
    add_multiple();
    add_resize();
    add_shuffle();
    add_bilinear();
    return std::move(fixes_);
  }

 private:
  const LayerSpec& layer() const { return scenario_.layer; }

  static std::string brief_of(std::string_view id) {
    if (id == "resize-conv") return "resize + conv";
    if (id == "pixel-shuffle") return "pixel shuffle";
    return id == "bilinear" ? "bilinear" : "";
  }

  void add(const char* id, std::string label, std::string remark, Scenario scenario, const Tensor& weight, Cost cost,
           std::string code) {
    Fix fix{id, std::move(label), brief_of(id), std::move(remark), std::move(scenario), cost, {}, std::move(code)};
    if (!evenness_is_quick(fix.scenario.layer)) return;
    fix.flat = flat_evenness(fix.scenario.layer, weight);
    fixes_.push_back(std::move(fix));
  }

  /// The same scenario with another layer, whose numbers the patterns make.
  void add_layer(const char* id, const std::string& label, const std::string& remark, const LayerSpec& layer,
                 const std::string& kernel_id) {
    Scenario scenario = scenario_;
    scenario.layer = layer;
    if (!kernel_id.empty()) scenario.kernel = Pattern{kernel_id, 1, {}};
    if (!validate(scenario).empty() || !evenness_is_quick(layer)) return;
    add(id, label, remark, scenario, weight_of(scenario), cost_of(layer), pytorch_code(layer));
  }

  void add_equal(const char* id, const std::string& label, const std::string& remark,
                 const std::optional<EqualLayer>& equal, Cost cost, const std::string& code) {
    if (!equal) return;
    Scenario scenario = scenario_;
    scenario.layer = equal->layer;
    scenario.kernel = custom_pattern(equal->weight);
    add(id, label, remark, scenario, equal->weight, cost, code);
  }

  void add_multiple() {
    const std::optional<LayerSpec> cure = even_cure(layer());
    if (!cure) return;
    add_layer("multiple", short_name(*cure),
              "K a multiple of S: every phase gets equally many taps. Their sums still depend on the weights.", *cure,
              "");
  }

  void add_resize() {
    const std::string strides = number_or_tuple(layer(), &AxisSpec::stride);
    add_equal("resize-conv", "Resize + conv K" + std::to_string(layer().axes[0].kernel),
              "Flat whatever the weights, as every output cell sees all taps; but it multiplies at full resolution. "
              "Applied as the transposed convolution that it equals.",
              resize_then_conv(layer(), weight_), cost_of_resize_then_conv(layer()),
              "nn.Upsample(scale_factor=" + strides + ", mode=\"nearest\"),\n" + conv_code(layer(), 1));
  }

  void add_shuffle() {
    const auto axes = layer().spatial();
    const bool alike = std::ranges::all_of(axes, [&](const AxisSpec& a) { return a.stride == axes[0].stride; });
    std::string code = conv_code(layer(), stride_product(layer())) + ",  # ICNR: equal filters per output channel\n";
    code += layer().dims == 2 && alike ? "nn.PixelShuffle(" + std::to_string(axes[0].stride) + ")"
                                       : "# then shuffle: nn.PixelShuffle has one factor for two axes only";
    add_equal(
        "pixel-shuffle", "Pixel shuffle + ICNR",
        "No overlap at all. With ICNR its filters start equal, so it starts flat; training may part them. Applied "
        "as the transposed convolution that it equals.",
        conv_then_shuffle(layer(), weight_), cost_of_conv_then_shuffle(layer()), code);
  }

  void add_bilinear() {
    const LayerSpec bilinear = bilinear_layer(layer());
    if (bilinear == layer() && scenario_.kernel.id == "bilinear") return;
    add_layer("bilinear", "Bilinear start, " + short_name(bilinear),
              "Triangular weights, as FCN starts with: flat and smooth, and the layer stays a transposed convolution.",
              bilinear, "bilinear");
  }

  const Scenario& scenario_;
  const Tensor& weight_;
  std::vector<Fix> fixes_;
};

}  // namespace

std::vector<Fix> fixes_of(const Scenario& scenario, const Tensor& weight) { return Fixes(scenario, weight).all(); }

}  // namespace tconv
