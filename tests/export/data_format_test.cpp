// Arrays as files: what is written reads back, is the same each time, and is whole or not there.
#include "export/data_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <sstream>

#include "core/coverage.h"
#include "document/embedded_document.h"
#include "export/number_rows.h"
#include "export/view_data.h"
#include "files/file_error.h"
#include "files/image.h"
#include "files/npy.h"
#include "support/npz.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
const float nan = std::nanf("");

NamedArray array_of(const Shape& shape, std::vector<float> values) {
  static const std::vector<std::string> names{"batch", "channel", "slice", "row", "col"};
  return {"output", "output y", Tensor(shape, std::move(values)), {names.end() - shape.rank(), names.end()}};
}

NamedArray counting(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return array_of(shape, std::move(values));
}

const DataHeader header{"Paint", {"nn.ConvTranspose2d(1, 1)", "K3 → S2"}, ""};

std::string bytes_as(std::string_view id, const std::vector<NamedArray>& arrays, const Progress& progress = {}) {
  return data_bytes(*find_data_format(id), arrays, header, progress);
}

std::span<const std::byte> as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

/// The numbers of lines that are no comment.
std::vector<std::vector<float>> rows_of(const std::string& text, char between) {
  std::vector<std::vector<float>> rows;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<float>& row = rows.emplace_back();
    for (const char* at = line.data(); at < line.data() + line.size(); ++at) {
      float value = 0;
      const auto [end, error] = std::from_chars(at, line.data() + line.size(), value);
      EXPECT_EQ(error, std::errc()) << line;
      row.push_back(value);
      EXPECT_TRUE(end == line.data() + line.size() || *end == between) << line;
      at = end;
    }
  }
  return rows;
}

std::string number(float value) {
  char text[longest_number];
  return {text, put_number(text, value)};
}

TEST(Numbers, AreAsShortAsTheyReadBack) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-0.0F), "-0");
  EXPECT_EQ(number(0.1F), "0.1");
  EXPECT_EQ(number(1000000), "1000000");
  EXPECT_EQ(number(-16777215), "-16777215");
  EXPECT_EQ(number(1e20F), "1e+20");
  EXPECT_EQ(number(nan), "nan");
  EXPECT_EQ(number(-nan), "nan");
  EXPECT_EQ(number(inf), "inf");
  EXPECT_EQ(number(-inf), "-inf");
}

TEST(Numbers, ReadBackBitByBit) {
  std::mt19937 random(5);
  for (int i = 0; i < 100'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isnan(value)) continue;
    const std::string text = number(value);
    float back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(std::bit_cast<std::uint32_t>(back), std::bit_cast<std::uint32_t>(value)) << text;
    ASSERT_LT(text.size(), longest_number);
  }
}

class Formats : public testing::TestWithParam<DataFormat> {};

TEST_P(Formats, EqualArraysGiveEqualBytes) {
  const std::vector<NamedArray> arrays{counting({2, 3}), counting({1, 2, 2, 2})};
  std::vector<NamedArray> named = arrays;
  named[1].name = "other";
  EXPECT_EQ(bytes_as(GetParam().id, named), bytes_as(GetParam().id, named));
  EXPECT_FALSE(bytes_as(GetParam().id, named).empty());
}

TEST_P(Formats, CancelLeavesWhatWasThere) {
  const std::vector<NamedArray> arrays{array_of({1000, 2000}, std::vector<float>(2'000'000, 0.1F))};
  const TempDir dir;
  const auto file = dir.write("a", "old");
  for (const int after : {0, 2}) {
    int asked = 0;
    const Progress progress{{}, [&] { return asked++ >= after; }};
    EXPECT_THROW(write_data(GetParam(), arrays, header, file, progress), Cancelled);
    EXPECT_EQ(file_bytes(file), "old");
    EXPECT_EQ(dir.entries(), 1);
  }
}

TEST_P(Formats, TellHowFarTheyAreAndSoon) {
  const std::vector<NamedArray> arrays{array_of({2000, 2000}, std::vector<float>(4'000'000, 0.1F))};
  std::vector<double> parts;
  auto last = std::chrono::steady_clock::now();
  double longest = 0;
  const Progress progress{[&](double part) {
                            const auto now = std::chrono::steady_clock::now();
                            longest = std::max(longest, std::chrono::duration<double, std::milli>(now - last).count());
                            last = now;
                            parts.push_back(part);
                          },
                          {}};
  const std::size_t bytes = bytes_as(GetParam().id, arrays, progress).size();
  EXPECT_GT(bytes, 1000U);
  EXPECT_TRUE(std::ranges::is_sorted(parts));
  EXPECT_NEAR(parts.back(), 1, 1e-9);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(longest, 200) << "milliseconds: 20 are wanted, of a machine that does nothing else";
#endif
  RecordProperty("longest_ms", std::to_string(longest));
}

TEST_P(Formats, AFailureIsOneLineAndLeavesNothing) {
  const TempDir dir;
  EXPECT_THROW(write_data(GetParam(), {counting({2, 2})}, header, "/dev/full"), FileError);
  EXPECT_THROW(write_data(GetParam(), {counting({2, 2})}, header, dir / "no/such/folder"), FileError);
  EXPECT_EQ(dir.entries(), 0);
}

TEST_P(Formats, AnArrayWithoutCellsIsWrittenOrRefused) {
  const std::vector<NamedArray> arrays{array_of({0, 3}, {})};
  if (GetParam().id == "png16") {
    EXPECT_THROW(bytes_as("png16", arrays), std::runtime_error);
  } else {
    EXPECT_NO_THROW(bytes_as(GetParam().id, arrays));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Formats, testing::ValuesIn(listed_data_formats()),
                         [](const auto& format) { return std::string(format.param.id); });

TEST(DataFormats, AreFoundByName) {
  EXPECT_TRUE(find_data_format("csv"));
  EXPECT_FALSE(find_data_format("xls"));
  EXPECT_TRUE(find_data_format("npz")->many);
}

TEST(Csv, SaysWhatItIsAndReadsBack) {
  const std::string text = bytes_as("csv", {array_of({2, 3}, {1, 0.1F, -3, nan, inf, -inf})});
  EXPECT_EQ(text,
            "# Tconv Studio, Paint: output y\n"
            "# nn.ConvTranspose2d(1, 1)\n"
            "# K3 → S2\n"
            "# array output, shape 2 × 3, axes row, col\n"
            "# numpy.loadtxt(file, delimiter=\",\", ndmin=2) reads it\n"
            "1,0.1,-3\n"
            "nan,inf,-inf\n");
}

TEST(Csv, HigherRanksAreBlocksWithTheirPlace) {
  const std::string text = bytes_as("csv", {counting({2, 2, 1, 2})});
  const std::size_t begin = text.find("# batch 0");
  const std::string wanted =
      "# channel 0, slice 0\n0,1\n# channel 0, slice 1\n2,3\n# channel 1, slice 0\n4,5\n# channel 1, slice 1\n6,7\n";
  EXPECT_EQ(begin, std::string::npos);
  EXPECT_TRUE(text.ends_with(wanted)) << text;
  EXPECT_NE(text.find(".reshape(2, 2, 1, 2)"), std::string::npos) << text;
}

TEST(Csv, OneBlockNeedsNoPlaceAndAListIsAColumn) {
  EXPECT_TRUE(bytes_as("csv", {counting({1, 1, 2, 2})}).ends_with("reads it\n0,1\n2,3\n"));
  EXPECT_TRUE(bytes_as("csv", {counting({3})}).ends_with("reads it\n0\n1\n2\n"));
  EXPECT_TRUE(bytes_as("csv", {counting({})}).ends_with("reads it\n0\n"));
}

TEST(Csv, ColumnsOfATableHaveNames) {
  NamedArray table = table_array("table", "words\nof two lines", "entry", {"row", "value"}, {1, 2, 3, 4});
  EXPECT_NE(bytes_as("csv", {table}).find("# columns: row,value\n"), std::string::npos);
  EXPECT_NE(bytes_as("csv", {table}).find("words of two lines\n"), std::string::npos);
  EXPECT_EQ(bytes_as("tsv", {table}), "row\tvalue\n1\t2\n3\t4\n");
}

TEST(Csv, LargeRandomArraysReadBack) {
  std::mt19937 random(3);
  std::vector<float> values(300'000);
  for (float& value : values) value = static_cast<float>(random()) / 1e9F - 2;
  const NamedArray array = array_of({300, 1000}, values);
  for (const char* id : {"csv", "tsv"}) {
    const auto rows = rows_of(bytes_as(id, {array}), *id == 'c' ? ',' : '\t');
    ASSERT_EQ(rows.size(), 300U);
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(rows[i / 1000][i % 1000], values[i]);
  }
}

TEST(Tsv, HasNoCommentsAndEmptyLinesBetweenBlocks) {
  EXPECT_EQ(bytes_as("tsv", {counting({2, 2})}), "0\t1\n2\t3\n");
  EXPECT_EQ(bytes_as("tsv", {counting({1, 2, 1, 2})}), "0\t1\n\n2\t3\n");
}

TEST(Npy, IsTheArray) {
  const NamedArray array = array_of({1, 2, 2}, {1, nan, -inf, 1e-42F});
  const std::string bytes = bytes_as("npy", {array});
  EXPECT_EQ(bytes, npy_bytes(array.values));
  EXPECT_EQ(parse_npy(as_bytes(bytes), "a"), array.values);
}

TEST(Npz, HoldsAllArrays) {
  NamedArray other = counting({3});
  other.name = "other";
  const TempDir dir;
  const auto read = test::read_npz(dir.write("a.npz", bytes_as("npz", {counting({2, 2}), other})));
  EXPECT_EQ(read.at("output"), counting({2, 2}).values);
  EXPECT_EQ(read.at("other"), other.values);
}

/// The words of a PNG under a keyword, as they stand in the file.
std::string png_words(const std::string& png, const std::string& keyword) {
  const std::size_t at = png.find(keyword + '\0');
  return at == std::string::npos ? "" : png.substr(at, 2000);
}

TEST(Png16, MapsTheRangeOntoAllPixels) {
  const std::string png = bytes_as("png16", {array_of({2, 3}, {-1, 0, 3, 1, nan, inf})});
  const Tensor pixels = parse_image(as_bytes(png), "a");
  ASSERT_EQ(pixels.shape(), (Shape{1, 1, 2, 3}));
  for (const auto& [cell, value] : {std::pair{0, -1.0F}, {1, 0.0F}, {2, 3.0F}, {3, 1.0F}}) {
    EXPECT_NEAR(-1 + pixels[cell] * 4, value, 4.0 / 65535) << cell;
  }
  EXPECT_EQ(pixels[4], 0);
  EXPECT_EQ(pixels[5], 0);
  const std::string words = png_words(png, "Description");
  EXPECT_NE(words.find("value = low + pixel*(high-low)/65535, low = -1, high = 3"), std::string::npos);
  EXPECT_NE(words.find("2 cells are NaN or infinite"), std::string::npos);
}

TEST(Png16, ConstantsExtremesAndNothingFinite) {
  const Tensor constant = parse_image(as_bytes(bytes_as("png16", {array_of({2}, {5, 5})})), "a");
  EXPECT_EQ(constant[0], 0);
  EXPECT_NE(bytes_as("png16", {array_of({2}, {5, 5})}).find("low = 5, high = 5"), std::string::npos);
  const Tensor ends = parse_image(as_bytes(bytes_as("png16", {array_of({1, 2}, {-3.4e38F, 3.4e38F})})), "a");
  EXPECT_EQ(ends[0], 0);
  EXPECT_EQ(ends[1], 1);
  const Tensor none = parse_image(as_bytes(bytes_as("png16", {array_of({1, 2}, {nan, inf})})), "a");
  EXPECT_EQ(none[0], 0);
  EXPECT_EQ(none[1], 0);
}

TEST(Png16, LowestAndHighestPixelAreReached) {
  std::vector<float> values(65536);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 0.5F - 7;
  const Tensor pixels = parse_image(as_bytes(bytes_as("png16", {array_of({256, 256}, values)})), "a");
  for (std::int64_t i = 0; i < 65536; ++i) {
    ASSERT_EQ(std::lround(static_cast<double>(pixels[i]) * 65535), i) << "every level of its own";
  }
}

TEST(Png16, HoldsTheScenario) {
  const Document document;
  const TempDir dir;
  const auto arrays = view_arrays(document, {.view = "overlap"});
  write_data(*find_data_format("png16"), arrays, data_header(*find_view("overlap"), document), dir / "a.png");
  EXPECT_EQ(read_embedded_document(dir / "a.png"), document);
}

TEST(Png16, RefusesSidesThatNobodyReads) {
  const NamedArray wide = array_of({1, 1'000'001}, std::vector<float>(1'000'001, 1));
  EXPECT_THROW(bytes_as("png16", {wide}), std::runtime_error);
}

TEST(DataFormats, NumpyReadsCsvAndNpy) {
  if (std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") != 0) GTEST_SKIP() << "no numpy here";
  const TempDir dir;
  const std::vector<NamedArray> plane{array_of({2, 3}, {1, 0.1F, -3, nan, inf, -inf})};
  const std::vector<NamedArray> deep{counting({2, 1, 2, 3})};
  write_data(*find_data_format("csv"), plane, header, dir / "plane.csv");
  write_data(*find_data_format("npy"), plane, header, dir / "plane.npy");
  write_data(*find_data_format("csv"), deep, header, dir / "deep.csv");
  write_data(*find_data_format("npy"), deep, header, dir / "deep.npy");
  const std::string program =
      "import numpy, sys, os; os.chdir(sys.argv[1]); "
      "read = lambda f: numpy.loadtxt(f, delimiter=',', ndmin=2).astype('float32'); "
      "assert numpy.array_equal(read('plane.csv'), numpy.load('plane.npy'), equal_nan=True); "
      "assert numpy.array_equal(read('deep.csv').reshape(2, 1, 2, 3), numpy.load('deep.npy'))";
  EXPECT_EQ(std::system(("/usr/bin/python3 -c \"" + program + "\" '" + dir.path().string() + "'").c_str()), 0);
}

TEST(ViewData, EveryViewIsWrittenInEveryFormat) {
  for (const View& view : all_views()) {
    const auto arrays = view_arrays({}, {.view = std::string(view.id)});
    ASSERT_FALSE(arrays.empty()) << view.id;
    for (const DataFormat& format : listed_data_formats()) {
      EXPECT_FALSE(data_bytes(format, arrays, data_header(view, {})).empty()) << view.id << " as " << format.id;
    }
  }
}

TEST(ViewData, FollowsTheStep) {
  const auto arrays = view_arrays({}, {.view = "paint", .step = 3});
  EXPECT_EQ(arrays.front().words, "output y after 3 of 4 stamps");
  EXPECT_THROW(view_arrays({}, {.view = "paint"}, {{}, [] { return true; }}), Cancelled);
}

}  // namespace
}  // namespace tconv
