// Layers computed by shaders, held against painting.

#include "gpu/conv_layer.h"

#include <algorithm>
#include <set>

#include "compute/backend.h"
#include "core/scatter_add.h"
#include "gpu_support.h"
#include "support/pace.h"

namespace tconv {
namespace {

using test::Guarded;
using test::RandomLayers;
using test::relative_error;

constexpr std::array paths{"general", "direct", "tiled"};

bool possible(const LayerSpec& layer, const GlDevice& device, std::string_view path) {
  try {
    choose_path(ConvGeometry(layer), device, path, true);
    return true;
  } catch (const BackendError&) {
    return false;
  }
}

struct Arrays {
  Tensor input;
  Tensor weight;
  Tensor bias;
};

Arrays random_arrays(RandomLayers& random, const LayerSpec& layer, bool whole) {
  const auto make = [&](const Shape& shape) { return whole ? random.integers(shape) : random.floats(shape); };
  return {make(input_shape(layer)), make(weight_shape(layer)), layer.bias ? make({layer.out_channels}) : Tensor()};
}

/// Computes and compares; integers must be exact.
void expect_truth(GlDevice& device, const LayerSpec& layer, const Arrays& arrays, std::string_view path, bool whole) {
  ConvLayer on_device(device, layer, arrays.weight, arrays.bias, path);
  Guarded output(output_shape(layer).elements());
  on_device.upload(arrays.input.data());
  ASSERT_TRUE(on_device.compute());
  on_device.download(output.data());
  const Tensor truth = scatter_add(layer, arrays.input, arrays.weight, arrays.bias);
  EXPECT_LE(relative_error(truth.values(), output.values()), whole ? 0 : 2e-6)
      << path << " in " << on_device.pieces().pieces.size() << " pieces: " << on_device.explanation().front();
  EXPECT_TRUE(output.intact());
}

class ConvLayerTest : public test::WithDevice {};

TEST_F(ConvLayerTest, EveryPathAgreesWithPainting) {
  RandomLayers random;
  std::array<int, paths.size()> computed{};
  for (int i = 0; i < 30 / test::every_nth; ++i) {
    const LayerSpec layer = random.layer();
    const bool whole = i % 2 == 0;
    const Arrays arrays = random_arrays(random, layer, whole);
    SCOPED_TRACE(random.trace(layer));
    for (std::size_t path = 0; path < paths.size(); ++path) {
      // Each layer has a direct program of its own, which takes long to compile.
      const bool skipped = path == 1 && i % 3 == 0;
      if (skipped || !possible(layer, device(), paths[path])) continue;
      ++computed[path];
      expect_truth(device(), layer, arrays, paths[path], whole);
    }
  }
  for (std::size_t path = 0; path < paths.size(); ++path) EXPECT_GT(computed[path], 3) << paths[path];
}

/// A layer of two dimensions whose axes are the same.
LayerSpec square(std::int64_t in, std::int64_t out, std::int64_t groups, const AxisSpec& axis, std::int64_t batch = 1) {
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = axis;
  layer.batch = batch;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.groups = groups;
  return layer;
}

struct Kind {
  const char* name;
  LayerSpec layer;
  const char* path;
};

/// What is trained and used, made small.
std::vector<Kind> kinds() {
  return {
      {"K3 S2",
       square(1, 1, 1,
              {.input = 90, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1}),
       "direct"},
      {"K4 S2", square(1, 1, 1, {.input = 90, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}),
       "direct"},
      {"K5 S1", square(1, 1, 1, {.input = 70, .kernel = 5, .padding_begin = 2, .padding_end = 2}), "direct"},
      {"K8 S4", square(1, 1, 1, {.input = 33, .kernel = 8, .stride = 4, .padding_begin = 2, .padding_end = 2}),
       "direct"},
      {"RGB", square(3, 3, 1, {.input = 40, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}), "direct"},
      {"depthwise", square(8, 8, 8, {.input = 30, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}),
       "direct"},
      {"K64 S32", square(3, 3, 1, {.input = 3, .kernel = 64, .stride = 32}), "general"},
      {"K4 S2 of many",
       square(70, 66, 1, {.input = 9, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}, 2), "tiled"},
      {"K2 S2 of many", square(64, 130, 1, {.input = 12, .kernel = 2, .stride = 2}), "tiled"},
      {"dilated", square(33, 40, 1, {.input = 14, .kernel = 3, .padding_begin = 2, .padding_end = 2, .dilation = 2}),
       "tiled"},
      {"groups", square(48, 96, 2, {.input = 10, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1}),
       "tiled"},
  };
}

TEST_F(ConvLayerTest, KnownKindsAgree) {
  RandomLayers random;
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    expect_truth(device(), kind.layer, random_arrays(random, kind.layer, false), kind.path, false);
  }
}

TEST_F(ConvLayerTest, EverySizeOfTileAgrees) {
  // Channels and cells for which each of the sizes is the best.
  constexpr std::array<std::array<std::int64_t, 2>, 7> best{
      {{128, 11}, {128, 4}, {64, 11}, {64, 6}, {64, 4}, {32, 11}, {32, 6}}};
  RandomLayers random;
  std::set<std::string> seen;
  for (const auto& [channels, size] : best) {
    const LayerSpec layer = square(4, channels, 1, {.input = size, .kernel = 2, .stride = 2});
    const Arrays arrays = random_arrays(random, layer, true);
    const std::string way = ConvLayer(device(), layer, arrays.weight, {}, "tiled").explanation()[0];
    seen.insert(way.substr(0, way.find(" a group")));
    SCOPED_TRACE(way);
    expect_truth(device(), layer, arrays, "tiled", true);
  }
  EXPECT_EQ(seen.size(), best.size()) << "tiles that no layer here takes are not tested";
}

TEST_F(ConvLayerTest, LongSumsKeepTheirDigits) {
  RandomLayers random;
  const LayerSpec layer =
      square(1024, 40, 1, {.input = 3, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const Arrays arrays = random_arrays(random, layer, false);
  for (const char* path : {"general", "tiled"}) expect_truth(device(), layer, arrays, path, false);
}

TEST_F(ConvLayerTest, WhatIsNotFiniteStaysWhereItBelongs) {
  const LayerSpec layer = square(2, 2, 1, {.input = 4, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  RandomLayers random;
  Arrays arrays = random_arrays(random, layer, true);
  arrays.input = arrays.input.with(5, std::nanf("")).with(20, INFINITY);
  for (const char* path : paths) expect_truth(device(), layer, arrays, path, true);
  arrays.weight = arrays.weight.with(0, INFINITY);
  expect_truth(device(), layer, arrays, "", true);
  EXPECT_EQ(ConvLayer(device(), layer, arrays.weight, {}).explanation()[0].substr(0, 8), "general:");
}

TEST_F(ConvLayerTest, TakesOtherWeights) {
  LayerSpec layer = square(2, 3, 1, {.input = 5, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  layer.bias = true;
  RandomLayers random;
  for (const char* path : paths) {
    SCOPED_TRACE(path);
    const Arrays first = random_arrays(random, layer, true);
    const Arrays second = random_arrays(random, layer, true);
    ConvLayer on_device(device(), layer, first.weight, first.bias, path);
    on_device.upload(second.input.data());
    ASSERT_TRUE(on_device.set_weights(second.weight, second.bias));
    on_device.compute();
    Guarded output(output_shape(layer).elements());
    on_device.download(output.data());
    EXPECT_EQ(relative_error(scatter_add(layer, second.input, second.weight, second.bias).values(), output.values()),
              0);
    EXPECT_EQ(on_device.set_weights(second.weight.with(0, INFINITY), second.bias), std::string_view(path) == "general");
  }
}

TEST_F(ConvLayerTest, LayersThatDifferInSizeAloneShareTheirPrograms) {
  LayerSpec layer = square(2, 2, 1, {.input = 20, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  const ConvLayer first(device(), layer, weight, {}, "direct");
  const std::size_t compiled = device().shaders().compiled();
  layer.axes[0].input = 22;
  layer.axes[1].input = 21;
  const ConvLayer second(device(), layer, weight, {}, "direct");
  EXPECT_EQ(device().shaders().compiled(), compiled);
}

/// The way that is chosen for a layer on a GPU of many cores.
std::string chosen(std::int64_t in, std::int64_t out, std::int64_t groups, const AxisSpec& axis,
                   std::int64_t batch = 1) {
  test::TestDevice of({.enough_invocations = 1 << 17});
  return std::string(choose_path(ConvGeometry(square(in, out, groups, axis, batch)), of.device, "", true).kind.id);
}

TEST(ConvPlanner, KnownLayersGoTheWayThatPays) {
  const AxisSpec k3s2{.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1};
  const AxisSpec k4s2{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  const auto of_size = [](AxisSpec axis, std::int64_t size) {
    axis.input = size;
    return axis;
  };
  EXPECT_EQ(chosen(1, 1, 1, of_size(k3s2, 2048)), "direct");
  EXPECT_EQ(chosen(1, 1, 1, of_size(k4s2, 2048)), "direct");
  EXPECT_EQ(chosen(1, 1, 1, {.input = 4096, .kernel = 5, .padding_begin = 2, .padding_end = 2}), "direct");
  EXPECT_EQ(chosen(3, 3, 1, of_size(k4s2, 1440)), "direct");
  EXPECT_EQ(chosen(64, 64, 64, of_size(k4s2, 128)), "direct");
  EXPECT_EQ(chosen(256, 128, 1, of_size(k4s2, 16), 16), "tiled");
  EXPECT_EQ(chosen(1024, 512, 1, of_size(k4s2, 4)), "tiled");
  EXPECT_EQ(chosen(256, 128, 1, {.input = 112, .kernel = 2, .stride = 2}), "tiled");
  EXPECT_EQ(chosen(64, 64, 1, of_size(k3s2, 128)), "tiled");
  EXPECT_EQ(chosen(64, 64, 1, {.input = 128, .kernel = 3, .padding_begin = 2, .padding_end = 2, .dilation = 2}),
            "tiled");
}

TEST(ConvPieces, CoverTheOutputOnceWithinTheLimit) {
  RandomLayers random;
  for (int i = 0; i < 200; ++i) {
    const LayerSpec layer = random.layer(3000);
    SCOPED_TRACE(random.trace(layer));
    const ConvGeometry geometry(layer);
    const std::int64_t limit = random.between(200, 4000);
    ConvPieces cut;
    try {
      cut = pieces_of(geometry, limit,
                      [&](const ChannelBlock& block) { return block.in.count * block.group_out() * geometry.taps(); });
    } catch (const BackendError&) {
      continue;
    }
    std::vector<int> times(static_cast<std::size_t>(output_shape(layer).elements()));
    for (const ConvPiece& piece : cut.pieces) {
      EXPECT_LE(cut.input_size(piece), limit);
      EXPECT_LE(cut.output_size(piece), limit);
      const Span channels = cut.blocks[piece.block].out;
      for (std::int64_t n = piece.batch.first; n < piece.batch.end(); ++n) {
        for (std::int64_t c = channels.first; c < channels.end(); ++c) {
          for (std::int64_t z = piece.output[2].first; z < piece.output[2].end(); ++z) {
            for (std::int64_t y = piece.output[1].first; y < piece.output[1].end(); ++y) {
              for (std::int64_t x = piece.output[0].first; x < piece.output[0].end(); ++x) {
                std::int64_t at = n * geometry.out_channels + c;
                at = (at * geometry.axes[2].output + z) * geometry.axes[1].output + y;
                ++times[static_cast<std::size_t>(at * geometry.axes[0].output + x)];
              }
            }
          }
        }
      }
    }
    EXPECT_EQ(std::ranges::count(times, 1), static_cast<std::ptrdiff_t>(times.size()));
  }
}

TEST(ConvLayerInPieces, AgreesWithPainting) {
  RandomLayers random;
  int cut = 0;
  for (const std::int64_t bytes : {1024, 6000}) {
    test::TestDevice of({.block_bytes = bytes, .enough_invocations = 4096});  // so many that sums are split, too
    for (int i = 0; i < 8 / test::every_nth; ++i) {
      const LayerSpec layer = random.layer();
      const Arrays arrays = random_arrays(random, layer, true);
      SCOPED_TRACE(random.trace(layer));
      for (const char* path : paths) {
        if (!possible(layer, of.device, path)) continue;
        try {
          expect_truth(of.device, layer, arrays, path, true);
          ++cut;
        } catch (const BackendError& error) {
          EXPECT_NE(std::string(error.what()).find("may see"), std::string::npos) << error.what();
        }
      }
    }
  }
  EXPECT_GT(cut, 2);
}

TEST(ConvLayerInPieces, SplitsSumsForManyCores) {
  test::TestDevice of({.enough_invocations = 1 << 15});
  RandomLayers random;
  const LayerSpec layer =
      square(260, 40, 1, {.input = 4, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}, 2);
  const Arrays arrays = random_arrays(random, layer, true);
  EXPECT_NE(ConvLayer(of.device, layer, arrays.weight, {}, "tiled").explanation()[0].find("parts"), std::string::npos);
  expect_truth(of.device, layer, arrays, "tiled", true);
}

}  // namespace
}  // namespace tconv
