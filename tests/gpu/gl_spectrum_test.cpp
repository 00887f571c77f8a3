// Spectra by shaders, held against the core.

#include "gpu/gl_spectrum.h"

#include "compute/backend.h"
#include "gpu_support.h"

namespace tconv {
namespace {

class GlSpectrumTest : public test::WithDevice {};

void expect_like_core(GlDevice& device, const Tensor& plane) {
  const std::int64_t rows = plane.shape()[0];
  const std::int64_t cols = plane.shape()[1];
  SCOPED_TRACE(plane.shape().text());
  const LogSpectrum truth = log_spectrum(plane.values(), rows, cols, {}).value_or(LogSpectrum{});
  const LogSpectrum found = log_spectrum_on(device, plane.values(), rows, cols);
  EXPECT_EQ(found.rows, truth.rows);
  EXPECT_EQ(found.cols, truth.cols);
  EXPECT_EQ(found.first_row, truth.first_row);
  EXPECT_EQ(found.first_col, truth.first_col);
  EXPECT_EQ(found.finite, truth.finite);
  EXPECT_NEAR(found.largest, truth.largest, 1e-5 * truth.largest);
  ASSERT_EQ(found.levels.size(), truth.levels.size());
  double worst = 0;
  for (std::size_t i = 0; i < truth.levels.size(); ++i) {
    constexpr float told_apart = -80;
    const bool low = truth.levels[i] < told_apart && found.levels[i] < told_apart;
    if (!low) worst = std::max(worst, std::abs(static_cast<double>(truth.levels[i] - found.levels[i])));
  }
  EXPECT_LT(worst, 0.01);
}

TEST_F(GlSpectrumTest, AgreesWithTheCore) {
  test::RandomLayers random;
  for (const Shape& shape : {Shape{1, 1}, Shape{1, 37}, Shape{16, 16}, Shape{8, 64}, Shape{12, 31}, Shape{128, 20}}) {
    expect_like_core(device(), random.floats(shape));
  }
}

TEST_F(GlSpectrumTest, CropsAsTheCoreDoes) {
  test::RandomLayers random;
  expect_like_core(device(), random.floats({4, 1030}));
  expect_like_core(device(), random.floats({263, 3}));
}

TEST_F(GlSpectrumTest, ZerosAndWhatIsNotFinite) {
  expect_like_core(device(), Tensor::filled({4, 6}, 0));
  expect_like_core(device(), Tensor::filled({4, 6}, 2.5F));
  expect_like_core(device(), Tensor::filled({4, 6}, 1).with(7, NAN));
  EXPECT_THROW(log_spectrum_on(device(), Tensor::filled({1, 2048}, 1).values(), 1, 2048), BackendError);
  EXPECT_THROW(log_spectrum_on(device(), Tensor::filled({4, 4}, 3e38F).values(), 4, 4), BackendError);
}

}  // namespace
}  // namespace tconv
