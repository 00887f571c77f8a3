#include "files/image.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "file_test_support.h"
#include "files/npy.h"
#include "files/png_writer.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& data) {
  return number_bytes(data.size(), 4, true) + type + data + number_bytes(crc32(type + data), 4, true);
}

std::string png_header(std::uint32_t width, std::uint32_t height, int depth, int color_type) {
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR", number_bytes(width, 4, true) + number_bytes(height, 4, true) + static_cast<char>(depth) +
                           static_cast<char>(color_type) + std::string(3, '\0'));
}

// A PNG of any kind, its rows (each with its filter byte) stored without compression.
std::string png_file(std::uint32_t width, std::uint32_t height, int depth, int color_type, const std::string& rows,
                     const std::string& chunks_before_data = "") {
  std::uint32_t low = 1, high = 0;
  for (const char byte : rows) {
    low = (low + static_cast<unsigned char>(byte)) % 65521;
    high = (high + low) % 65521;
  }
  const std::string zlib = "\x78\x01\x01" + number_bytes(rows.size(), 2, false) +
                           number_bytes(0xffff - rows.size(), 2, false) + rows +
                           number_bytes((high << 16) | low, 4, true);
  return png_header(width, height, depth, color_type) + chunks_before_data + chunk("IDAT", zlib) + chunk("IEND", "");
}

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

// 8 × 8 pixels of (255, 0, 0), baseline and progressive, and of grey 128, encoded by libjpeg.
const std::string red_jpeg = from_hex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c0c0b"
    "0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffdb00430103040405040509050509140d0b0d14141414"
    "14141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414ffc00011080008000803"
    "011100021101031101ffc40014000100000000000000000000000000000008ffc40014100100000000000000000000000000000000ffc400"
    "1501010100000000000000000000000000000709ffc40014110100000000000000000000000000000000ffda000c03010002110311003f00"
    "3a03154dffd9");
const std::string grey_jpeg = from_hex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c0c0b"
    "0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc0000b080008000801011100ffc40014000100000000"
    "000000000000000000000000ffc40014100100000000000000000000000000000000ffda0008010100003f003fffd9");
const std::string progressive_jpeg = from_hex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c39"
    "33383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffdb0043011112121815182f1a1a2f6342384263636363"
    "63636363636363636363636363636363636363636363636363636363636363636363636363636363636363636363ffc20011080008000803"
    "012200021101031101ffc4001500010100000000000000000000000000000004ffc4001501010100000000000000000000000000000405ff"
    "da000c030100021003100000018816f7ffc40014100100000000000000000000000000000000ffda00080101000105027fffc40014110100"
    "000000000000000000000000000000ffda0008010301013f017fffc40014110100000000000000000000000000000000ffda000801020101"
    "3f017fffc40014100100000000000000000000000000000000ffda0008010100063f027fffc4001410010000000000000000000000000000"
    "0000ffda0008010100013f217fffda000c0301000200030000001003ffc40014110100000000000000000000000000000000ffda00080103"
    "01013f107fffc40014110100000000000000000000000000000000ffda0008010201013f107fffc400141001000000000000000000000000"
    "00000000ffda0008010100013f107fffd9");

Tensor parse_picture(const std::string& file) { return parse_image(bytes_of(file), "x.png"); }

TEST(Image, reads_back_eight_bit_pngs) {
  const std::vector<std::uint8_t> color = {255, 0, 51, 0, 255, 102, 1, 2, 3, 10, 20, 30, 40, 50, 60, 70, 80, 90};
  const Tensor read = parse_picture(png_bytes(3, 2, color, {.channels = 3, .dpi = {}}));
  ASSERT_EQ(read.shape(), (Shape{1, 3, 2, 3}));
  for (std::int64_t channel = 0; channel < 3; ++channel)
    for (std::int64_t pixel = 0; pixel < 6; ++pixel)
      EXPECT_EQ(read[channel * 6 + pixel],
                static_cast<float>(color[static_cast<std::size_t>(pixel * 3 + channel)]) / 255.0f);
  const std::vector<std::uint8_t> grey = {0, 128, 255, 7};
  EXPECT_EQ(parse_picture(png_bytes(1, 4, grey, {.channels = 1, .dpi = {}})),
            Tensor(Shape{1, 1, 4, 1}, {0.0f, 128 / 255.0f, 1.0f, 7 / 255.0f}));
}

TEST(Image, composes_transparency_over_white) {
  const std::vector<std::uint8_t> pixels = {255, 0, 51, 255, 255, 0, 51, 0, 255, 0, 51, 51};
  const Tensor read = parse_picture(png_bytes(3, 1, pixels));
  ASSERT_EQ(read.shape(), (Shape{1, 3, 1, 3}));
  const float expected[] = {1.0f, 1.0f, 1.0f, 0.0f, 1.0f, 0.8f, 0.2f, 1.0f, 0.84f};
  for (std::int64_t i = 0; i < 9; ++i) EXPECT_NEAR(read[i], expected[i], 1e-6) << i;
}

TEST(Image, keeps_sixteen_bits) {
  const Tensor grey = parse_picture(png_file(2, 1, 16, 0, std::string("\0\x12\x34\xff\xff", 5)));
  EXPECT_EQ(grey, Tensor(Shape{1, 1, 1, 2}, {4660.0f / 65535.0f, 1.0f}));
  const Tensor color = parse_picture(png_file(1, 1, 16, 2, std::string("\0\0\1\0\2\xff\xfe", 7)));
  EXPECT_EQ(color, Tensor(Shape{1, 3, 1, 1}, {1.0f / 65535.0f, 2.0f / 65535.0f, 65534.0f / 65535.0f}));
}

TEST(Image, reads_small_depths_palettes_and_grey_with_alpha) {
  EXPECT_EQ(parse_picture(png_file(4, 1, 1, 0, std::string("\0\xa0", 2))), Tensor(Shape{1, 1, 1, 4}, {1, 0, 1, 0}));
  const std::string palette = chunk("PLTE", std::string("\xff\0\0\0\xff\0", 6));
  EXPECT_EQ(parse_picture(png_file(2, 1, 8, 3, std::string("\0\0\1", 3), palette)),
            Tensor(Shape{1, 3, 1, 2}, {1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(parse_picture(png_file(2, 1, 8, 4, std::string("\0\0\xff\0\0", 5))), Tensor(Shape{1, 1, 1, 2}, {0, 1}));
}

TEST(Image, reads_jpegs) {
  for (const std::string& file : {red_jpeg, progressive_jpeg}) {
    const Tensor red = parse_picture(file);
    ASSERT_EQ(red.shape(), (Shape{1, 3, 8, 8}));
    for (std::int64_t i = 0; i < red.size(); ++i) EXPECT_NEAR(red[i], i < 64 ? 1.0f : 0.0f, 0.02f);
  }
  const Tensor grey = parse_picture(grey_jpeg);
  ASSERT_EQ(grey.shape(), (Shape{1, 1, 8, 8}));
  for (const float value : grey.values()) EXPECT_NEAR(value, 128 / 255.0f, 0.01f);
}

TEST(Image, refuses_large_images_before_decoding) {
  expect_file_error([] { parse_picture(png_header(16385, 1, 8, 0) + chunk("IEND", "")); },
                    {"16385 × 1 pixels", "at most 16384", "scale or crop"});
  expect_file_error([] { parse_picture(png_header(1, 2'000'000'000, 8, 0) + chunk("IEND", "")); }, {"1 × 2000000000"});
  expect_file_error([] { parse_picture(png_header(0, 1, 8, 0) + chunk("IEND", "")); }, {"0 × 1 pixels"});
  std::string wide = red_jpeg;
  const std::size_t frame = wide.find("\xff\xc0");
  wide.replace(frame + 7, 2, "\x7f\xff");
  expect_file_error([&] { parse_picture(wide); }, {"32767 × 8 pixels", "at most 16384"});
}

TEST(Image, says_what_is_wrong_with_a_file) {
  expect_file_error([] { parse_picture(""); }, {"not a PNG or JPEG image", "empty"});
  expect_file_error([] { parse_picture("GIF89a"); }, {"an image of another format"});
  expect_file_error([] { parse_picture("hello"); }, {"a text file"});
  expect_file_error([] { parse_picture(png_header(2, 2, 8, 0) + chunk("IEND", "")); }, {"cannot be decoded"});
  expect_file_error([] { parse_picture(png_file(1, 1, 7, 0, std::string(2, '\0'))); }, {"cannot be decoded"});
  expect_file_error([] { parse_picture(png_file(9, 9, 8, 0, std::string(2, '\0'))); }, {"cannot be decoded"});
  std::string damaged = png_file(2, 1, 8, 0, std::string(3, '\0'));
  damaged[50] = static_cast<char>(damaged[50] ^ 1);
  expect_file_error([&] { parse_picture(damaged); }, {"damaged PNG", "checksum"});
  std::string arithmetic = red_jpeg;
  arithmetic[arithmetic.find("\xff\xc0") + 1] = '\xc9';
  expect_file_error([&] { parse_picture(arithmetic); }, {"arithmetic", "baseline"});
}

TEST(Image, tells_that_a_file_is_truncated) {
  const std::string png = png_file(2, 2, 8, 0, std::string("\0\1\2\0\3\4", 6));
  for (const std::string& whole : {png, red_jpeg, grey_jpeg, progressive_jpeg}) {
    EXPECT_GT(parse_picture(whole).size(), 0);
    for (std::size_t length = 0; length < whole.size(); ++length)
      expect_file_error([&] { parse_picture(whole.substr(0, length)); }, {length < 8 ? "x.png: " : "truncated"});
  }
}

TEST(Image, survives_random_damage) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::string& whole :
       {png_file(2, 2, 8, 2, std::string(14, '\0')), red_jpeg, grey_jpeg, progressive_jpeg}) {
    for (int round = 0; round < 1500; ++round) {
      std::string damaged = whole;
      const auto flips = 1 + random() % 3;
      for (unsigned flip = 0; flip < flips; ++flip)
        damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
      // The sizes stay, or most rounds would decode large empty pictures.
      const std::size_t frame = std::min(whole.find("\xff\xc0"), whole.find("\xff\xc2"));
      if (frame != std::string::npos) damaged.replace(frame, 9, whole.substr(frame, 9));
      try {
        EXPECT_EQ(parse_picture(damaged).shape().rank(), 4);
      } catch (const FileError& error) {
        EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
      }
    }
  }
}

TEST(Image, is_told_from_an_array_by_content) {
  const TempDir dir;
  const Tensor array(Shape{1, 1, 1, 2}, {1.0f, 2.0f});
  const std::string png = png_bytes(1, 1, std::array<std::uint8_t, 4>{255, 255, 255, 255});
  EXPECT_TRUE(looks_like_image(dir.write("an_image.npy", png)));
  EXPECT_FALSE(looks_like_image(dir.write("an_array.png", npy_bytes(array))));
  EXPECT_FALSE(looks_like_image(dir / "none"));
  EXPECT_FALSE(looks_like_image(dir.path()));
  EXPECT_EQ(read_array(dir / "an_image.npy").shape(), (Shape{1, 3, 1, 1}));
  EXPECT_EQ(read_image(dir / "an_image.npy").shape(), (Shape{1, 3, 1, 1}));
  EXPECT_EQ(read_array(dir / "an_array.png"), array);
  EXPECT_TRUE(looks_like_image(dir.write("a.jpg", red_jpeg)));
  EXPECT_EQ(read_array(dir / "a.jpg").shape(), (Shape{1, 3, 8, 8}));
  expect_file_error([&] { read_array(dir.write("a.gif", "GIF89a")); }, {"a.gif", "neither PNG nor JPEG"});
  expect_file_error([&] { read_array(dir.write("a.txt", "1 2 3")); }, {"a text file", "np.save"});
  expect_file_error([&] { read_array(dir / "none"); }, {"No such file"});
  expect_file_error([&] { read_image(dir / "an_array.png"); }, {"it is a .npy array"});

  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(looks_like_image(dir / "pipe"));
  std::thread sender([&] { dir.write("pipe", png); });
  EXPECT_EQ(read_array(dir / "pipe").shape(), (Shape{1, 3, 1, 1}));
  sender.join();
}

TEST(PngWriter, gives_equal_bytes_without_a_clock) {
  const std::vector<std::uint8_t> pixels(40 * 30 * 4, 99);
  const std::string once = png_bytes(40, 30, pixels);
  EXPECT_EQ(once, png_bytes(40, 30, pixels));
  for (const std::string type : {"tIME", "tEXt", "pHYs"}) EXPECT_EQ(once.find(type), std::string::npos);
  const std::string fine = png_bytes(40, 30, pixels, {.channels = 4, .dpi = 300.0});
  EXPECT_NE(fine.find("pHYs" + number_bytes(11811, 4, true) + number_bytes(11811, 4, true) + '\1'), std::string::npos);
}

TEST(PngWriter, refuses_sizes_that_do_not_fit) {
  const std::vector<std::uint8_t> pixels(16);
  EXPECT_NO_THROW(png_bytes(2, 2, pixels));
  EXPECT_THROW(png_bytes(2, 3, pixels), std::invalid_argument);
  EXPECT_THROW(png_bytes(0, 0, {}), std::invalid_argument);
  EXPECT_THROW(png_bytes(-2, -2, pixels), std::invalid_argument);
  EXPECT_THROW(png_bytes(2, 4, pixels, {.channels = 2, .dpi = {}}), std::invalid_argument);
  EXPECT_THROW(png_bytes(2, 2, pixels, {.channels = 4, .dpi = -1.0}), std::invalid_argument);
}

}  // namespace
}  // namespace tconv
