#include "support/npz.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "files/npz_writer.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

std::string npz_bytes(std::span<const NpzArray> arrays, const Progress& progress = {}) {
  std::string out;
  write_npz(
      arrays,
      [&](std::span<const std::byte> bytes) { out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); },
      progress);
  return out;
}

TEST(NpzWriter, WhatIsWrittenReadsBack) {
  const Tensor plane(Shape{2, 3}, {1, -2, 0.1F, std::numeric_limits<float>::infinity(), 5, -0.0F});
  const Tensor none(Shape{0, 4}, {});
  const Tensor scalar(Shape{}, {7});
  const std::array<NpzArray, 3> arrays{{{"plane", plane}, {"none", none}, {"scalar", scalar}}};
  const TempDir dir;
  const auto read = test::read_npz(dir.write("a.npz", npz_bytes(arrays)));
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read.at("plane"), plane);
  EXPECT_EQ(read.at("none").shape(), none.shape());
  EXPECT_EQ(read.at("scalar"), scalar);
}

TEST(NpzWriter, EqualArraysGiveEqualBytesOfTheFirstDay) {
  const Tensor values(Shape{3}, {1, 2, 3});
  const std::array<NpzArray, 1> arrays{{{"a", values}}};
  const std::string bytes = npz_bytes(arrays);
  EXPECT_EQ(bytes, npz_bytes(arrays));
  EXPECT_EQ(bytes.substr(10, 4), std::string("\0\0\x21\0", 4)) << "midnight of 1980-01-01";
}

TEST(NpzWriter, AnArchiveOfNothingIsOne) {
  const TempDir dir;
  EXPECT_TRUE(test::read_npz(dir.write("a.npz", npz_bytes({}))).empty());
}

TEST(NpzWriter, RefusesNamesThatNobodyFinds) {
  const Tensor values(Shape{1}, {1});
  for (const char* name : {"", "a/b", "a b", "\xc3\xa4"}) {
    const std::array<NpzArray, 1> arrays{{{name, values}}};
    EXPECT_THROW(npz_bytes(arrays), std::invalid_argument) << name;
  }
  const std::array<NpzArray, 2> twice{{{"a", values}, {"a", values}}};
  EXPECT_THROW(npz_bytes(twice), std::invalid_argument);
}

TEST(NpzWriter, StopsWhenCancelledAndTellsHowFarItIs) {
  const Tensor values = Tensor::filled(Shape{5'000'000}, 1);
  const std::array<NpzArray, 1> arrays{{{"a", values}}};
  std::vector<double> parts;
  int asked = 0;
  EXPECT_NO_THROW(npz_bytes(arrays, {[&](double part) { parts.push_back(part); }, {}}));
  EXPECT_TRUE(std::ranges::is_sorted(parts));
  EXPECT_EQ(parts.back(), 1);
  EXPECT_GT(parts.size(), 20U);
  EXPECT_THROW(npz_bytes(arrays, {{}, [&] { return ++asked == 12; }}), Cancelled);
}

TEST(NpzWriter, NumpyReadsIt) {
  if (std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") != 0) GTEST_SKIP() << "no numpy here";
  const Tensor plane(Shape{2, 1, 2}, {1.5F, -2, 3, 4});
  const Tensor line(Shape{3}, {1, 2, 3});
  const std::array<NpzArray, 2> arrays{{{"plane", plane}, {"line", line}}};
  const TempDir dir;
  const std::string file = dir.write("a.npz", npz_bytes(arrays)).string();
  const std::string program =
      "import numpy, sys, zipfile; z = numpy.load(sys.argv[1]); "
      "assert z.files == ['plane', 'line'], z.files; "
      "assert z['plane'].dtype == 'float32' and z['plane'].tolist() == [[[1.5, -2]], [[3, 4]]]; "
      "assert z['line'].tolist() == [1, 2, 3]; assert zipfile.ZipFile(sys.argv[1]).testzip() is None";
  EXPECT_EQ(std::system(("/usr/bin/python3 -c \"" + program + "\" '" + file + "'").c_str()), 0);
}

}  // namespace
}  // namespace tconv
