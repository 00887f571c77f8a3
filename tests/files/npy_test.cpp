#include "files/npy.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "file_test_support.h"
#include "files/npy_header.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

Tensor parse_array(const std::string& file) { return parse_npy(bytes_of(file), "x.npy"); }

std::string floats(const std::vector<float>& values) {
  std::string out;
  for (const float value : values) out += number_bytes(std::bit_cast<std::uint32_t>(value), 4, false);
  return out;
}

TEST(Npy, reads_every_element_type_in_both_byte_orders) {
  struct Case {
    std::string type;
    std::vector<std::uint64_t> bits;
    std::vector<float> values;
  };
  const auto wide = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  const auto single = [](float value) { return std::uint64_t{std::bit_cast<std::uint32_t>(value)}; };
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<Case> cases = {
      {"f2", {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00}, {1.0f, -2.0f, 65504.0f, 0x1p-24f, -0.0f, inf}},
      {"f2", {0x0400, 0x03ff, 0x3555}, {0x1p-14f, 0x1.ff8p-15f, 0.333251953125f}},
      {"f4", {single(1.5f), single(-inf)}, {1.5f, -inf}},
      {"f8", {wide(0.1), wide(-3.0), wide(1e300), wide(-1e300), wide(1e-300)}, {0.1f, -3.0f, inf, -inf, 0.0f}},
      {"i1", {1, 0x80, 0xff}, {1.0f, -128.0f, -1.0f}},
      {"i2", {0x1234, 0xffff}, {4660.0f, -1.0f}},
      {"i4", {0x7fffffff, 0xfffffffe}, {2147483648.0f, -2.0f}},
      {"i8", {5, ~std::uint64_t{0}, std::uint64_t{1} << 63}, {5.0f, -1.0f, -0x1p63f}},
      {"u1", {0, 255}, {0.0f, 255.0f}},
      {"u2", {0x1234, 0xffff}, {4660.0f, 65535.0f}},
      {"u4", {0xffffffff}, {4294967296.0f}},
      {"u8", {~std::uint64_t{0}}, {0x1p64f}},
      {"b1", {0, 1, 2}, {0.0f, 1.0f, 1.0f}},
  };
  for (const Case& item : cases) {
    for (const std::string order : {"<", ">", "|", "=", ""}) {
      std::string data;
      for (const std::uint64_t bits : item.bits)
        data += number_bytes(bits, static_cast<std::size_t>(item.type[1] - '0'), order == ">");
      const std::string shape = python_tuple(Shape{static_cast<std::int64_t>(item.bits.size())});
      const Tensor read = parse_array(npy_file(npy_dict(order + item.type, shape), data));
      EXPECT_EQ(read, Tensor(Shape{static_cast<std::int64_t>(item.values.size())}, item.values)) << order << item.type;
    }
  }
  EXPECT_TRUE(std::isnan(parse_array(npy_file(npy_dict("<f2", "()"), number_bytes(0x7e00, 2, false)))[0]));
}

TEST(Npy, reads_every_version_and_any_writing_of_the_header) {
  const std::string data = floats({1, 2, 3, 4, 5, 6});
  const Tensor expected(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  for (const int major : {1, 2, 3})
    EXPECT_EQ(parse_array(npy_file(npy_dict("<f4", "(2, 3)"), data, major)), expected) << major;
  for (const std::string dict : {
           "{'descr':'<f4','fortran_order':False,'shape':(2,3)}",
           "{\"shape\": (2, 3,), \"descr\": \"<f4\", \"fortran_order\": False}   \n",
           " {'fortran_order': False,\n 'shape': ( 2L ,\t3L ) , 'descr' : '<f4' , } \n",
       })
    EXPECT_EQ(parse_array(npy_file(dict, data)), expected) << dict;
  EXPECT_EQ(parse_array(npy_file(npy_dict("<f4", "(2, 3)"), data + "more bytes")), expected);
}

TEST(Npy, reads_fortran_order_scalars_and_empty_arrays) {
  EXPECT_EQ(parse_array(npy_file(npy_dict("<f4", "(2, 3)", true), floats({1, 4, 2, 5, 3, 6}))),
            Tensor(Shape{2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(parse_array(npy_file(npy_dict("<f4", "(3,)", true), floats({1, 2, 3}))), Tensor(Shape{3}, {1, 2, 3}));
  // Element (i, j, k, l, m) of the file is its own Fortran position.
  std::string data;
  for (std::uint64_t i = 0; i < 2 * 3 * 1 * 4 * 2; ++i) data += number_bytes(i, 1, false);
  const Tensor five = parse_array(npy_file(npy_dict("|u1", "(2, 3, 1, 4, 2)", true), data));
  EXPECT_EQ(five.shape(), (Shape{2, 3, 1, 4, 2}));
  std::int64_t at = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int l = 0; l < 4; ++l)
        for (int m = 0; m < 2; ++m) EXPECT_EQ(five[at++], static_cast<float>(i + 2 * j + 6 * l + 24 * m));

  EXPECT_EQ(parse_array(npy_file(npy_dict("<f4", "()"), floats({7}))), Tensor(Shape{}, {7}));
  for (const bool fortran : {false, true}) {
    const Tensor empty = parse_array(npy_file(npy_dict("<f4", "(2, 0, 3)", fortran), ""));
    EXPECT_EQ(empty.shape(), (Shape{2, 0, 3}));
    EXPECT_TRUE(empty.empty());
  }
}

TEST(Npy, names_what_is_wrong_with_a_header) {
  struct Case {
    std::string dict;
    std::vector<std::string> words;
  };
  const std::vector<Case> cases = {
      {"", {"expected '{'", "found its end"}},
      {"{}", {"no key 'descr'"}},
      {"{'descr': '<f4', 'shape': (1,)}", {"no key 'fortran_order'"}},
      {"{'descr': '<f4', 'fortran_order': False}", {"no key 'shape'", "np.save"}},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", {"'descr' twice"}},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}", {"'shape' twice"}},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'extra': 1}", {"'extra'", "only 'descr'"}},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", {"expected '}'", "found its end"}},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", {"nothing after the dict", "'x'"}},
      {"{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}", {"expected '}'", "byte 16"}},
      {"{'descr': <f4, 'fortran_order': False, 'shape': (1,)}", {"a quoted element type"}},
      {"{'descr': '<f4\\'', 'fortran_order': False, 'shape': (1,)}", {"a quoted element type"}},
      {"{'descr': None, 'fortran_order': False, 'shape': (1,)}", {"a quoted element type"}},
      {"{descr: '<f4'}", {"a quoted key"}},
      {"{,}", {"a quoted key"}},
      {"__import__('os').system('true')", {"expected '{'"}},
      {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", {"True or False"}},
      {"{'descr': '<f4', 'fortran_order': Falsey, 'shape': (1,)}", {"True or False", "Falsey"}},
      {"{'descr': '<f4', 'fortran_order': 'False', 'shape': (1,)}", {"True or False"}},
      {npy_dict("<f4", "[1]"), {"a tuple"}},
      {npy_dict("<f4", "1"), {"a tuple"}},
      {npy_dict("<f4", "(1)"), {"the number (1), not a tuple"}},
      {npy_dict("<f4", "(-1,)"), {"negative extent '-1'"}},
      {npy_dict("<f4", "(2, -3)"), {"negative extent '-3'"}},
      {npy_dict("<f4", "(1.5,)"), {"a whole number", "1.5"}},
      {npy_dict("<f4", "(1e3,)"), {"a whole number"}},
      {npy_dict("<f4", "(0x10,)"), {"a whole number"}},
      {npy_dict("<f4", "(02,)"), {"a whole number"}},
      {npy_dict("<f4", "(1_0,)"), {"a whole number"}},
      {npy_dict("<f4", "(True,)"), {"a whole number", "True"}},
      {npy_dict("<f4", "('1',)"), {"a whole number"}},
      {npy_dict("<f4", "(2*3,)"), {"',' or ')'"}},
      {npy_dict("<f4", "(1, , 2)"), {"a whole number"}},
      {npy_dict("<f4", "(1 2)"), {"',' or ')'"}},
      {npy_dict("<f4", "(,)"), {"a whole number"}},
      {npy_dict("<f4", "((1,),)"), {"a whole number"}},
      {npy_dict("<f4", "(99999999999999999999,)"), {"99999999999999999999", "larger than"}},
      {npy_dict("<f4", "(4294967296, 4294967296)"), {"more elements", "(4294967296, 4294967296)"}},
      {npy_dict("<f4", "(3037000500, 3037000500)"), {"more elements"}},
      {npy_dict("<f8", "(4611686018427387904,)"), {"more elements"}},
      {npy_dict("<f4", "(1, 1, 1, 1, 1, 1)"), {"6 axes", "at most 5", "reshape"}},
      {std::string("{'descr': '<f4\0', 'fortran_order': False, 'shape': (1,)}", 56), {"'<f4\\x00'", "float32"}},
      {"\xff\xfe{}", {"expected '{'", "\\xff\\xfe"}},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.dict);
    for (const int major : {1, 2, 3}) {
      std::vector<std::string> words = item.words;
      words.push_back("x.npy: ");
      expect_file_error([&] { parse_array(npy_file(item.dict, floats({1}), major)); }, words);
    }
  }
}

TEST(Npy, refuses_other_element_types_by_name) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"|O", {"object array", "pickle", "never loaded", "np.save('x.npy', x.astype('float32'))"}},
      {"O", {"object array", "pickle"}},
      {"<c8", {"'<c8'", "complex", "x.real"}},
      {"<c16", {"'<c16'", "complex"}},
      {"<f16", {"'<f16'", "long double", "astype('float32')"}},
      {"<f12", {"long double"}},
      {"|S5", {"strings"}},
      {"<U3", {"strings"}},
      {"|V2", {"bfloat16"}},
      {"<M8[ns]", {"dates"}},
      {"<m8[s]", {"time spans"}},
      {"<i3", {"whole numbers of this size"}},
      {"<f1", {"floats of this size"}},
      {"", {"''", "this type"}},
      {"<", {"'<'", "this type"}},
      {"<<f4", {"'<<f4'"}},
      {"<f4 ", {"'<f4 '"}},
      {"<f44", {"'<f44'"}},
      {"(2,)<f4", {"this type"}},
  };
  for (const auto& [descr, words] : cases) {
    SCOPED_TRACE(descr);
    expect_file_error([&] { parse_array(npy_file(npy_dict(descr, "(1,)"), "12345678")); }, words);
  }
  expect_file_error(
      [] {
        parse_array(
            npy_file("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}", "12345678"));
      },
      {"structured", "x['field']"});
}

TEST(Npy, says_what_a_file_of_another_kind_is) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {"empty"}},
      {std::string("PK\x03\x04....", 8), {".npz", "np.load('x.npz')['name']"}},
      {"\x89PNG\r\n\x1a\n....", {"PNG image"}},
      {"\xff\xd8\xff\xe0....", {"JPEG image"}},
      {std::string("\x80\x04\x95....", 7), {"pickle", "np.save"}},
      {"\x89HDF\r\n\x1a\n", {"HDF5"}},
      {"1.0,2.0\n3.0,4.0\n", {"text file", "np.save"}},
      {"version https://git-lfs.github.com/spec/v1\n", {"Git LFS", "git lfs pull"}},
      {"\xc2\x93NUMPY", {"text conversion", "binary"}},
      {std::string(100, '\0'), {"unknown kind"}},
      {"\x93NUMPX\x01\x00", {"unknown kind"}},
  };
  for (const auto& [file, words] : cases) {
    SCOPED_TRACE(words.front());
    expect_file_error([&] { parse_array(file); }, words);
  }
  const std::vector<std::pair<int, int>> unknown_versions = {{0, 0}, {1, 1}, {4, 0}, {255, 255}};
  for (const auto& [major, minor] : unknown_versions)
    expect_file_error([&] { parse_array(npy_file(npy_dict("<f4", "(1,)"), floats({1}), major, minor)); },
                      {"version " + std::to_string(static_cast<unsigned char>(major)) + "." +
                           std::to_string(static_cast<unsigned char>(minor)),
                       "1.0, 2.0 and 3.0"});
}

TEST(Npy, refuses_headers_longer_than_ten_thousand_bytes) {
  const std::string dict = npy_dict("<f4", "(1,)");
  EXPECT_EQ(parse_array(npy_file(dict + std::string(10'000 - dict.size(), ' '), floats({1}))).size(), 1);
  expect_file_error([&] { parse_array(npy_file(dict + std::string(10'001 - dict.size(), ' '), floats({1}))); },
                    {"10001 bytes", "10000"});
  std::string huge = npy_file(dict, floats({1}), 2);
  huge.replace(8, 4, "\xff\xff\xff\xff");
  expect_file_error([&] { parse_array(huge); }, {"4294967295 bytes", "10000"});
}

TEST(Npy, tells_how_many_bytes_a_truncated_file_lacks) {
  const std::string whole = npy_file(npy_dict("<f4", "(4, 4)"), std::string(64, '\1'));
  expect_file_error([&] { parse_array(whole.substr(0, whole.size() - 4)); },
                    {"x.npy: truncated data: need 64 bytes, have 60", "(4, 4)", "'<f4'"});
  expect_file_error([&] { parse_array(whole.substr(0, 4)); }, {"truncated header: need 8 bytes, have 4"});
  expect_file_error([&] { parse_array(whole.substr(0, 9)); }, {"truncated header: need 10 bytes, have 9"});
  expect_file_error([&] { parse_array(whole.substr(0, 30)); },
                    {"truncated header: need " + std::to_string(whole.size() - 64) + " bytes, have 30"});
  for (std::size_t length = 0; length < whole.size(); ++length)
    expect_file_error([&] { parse_array(whole.substr(0, length)); }, {length == 0 ? "empty" : "need "});
  EXPECT_EQ(parse_array(whole).size(), 16);
}

TEST(Npy, believes_no_shape_that_the_file_cannot_hold) {
  for (const std::string shape : {"(1000000000000,)", "(100000, 100000, 1000)", "(1152921504606846975,)"}) {
    expect_file_error(
        [&] {
          parse_array(npy_file(npy_dict("<f4", shape), floats({1, 2})));
        },
        {"need ", "have 8", shape});
    expect_file_error(
        [&] {
          parse_array(npy_file(npy_dict("<f4", shape, true), floats({1, 2})));
        },
        {"need ", "have 8"});
  }
}

TEST(Npy, survives_random_damage) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string whole = npy_file(npy_dict(">f8", "(2, 3, 2)", true), std::string(96, '\x3f'), 2);
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = whole;
    const auto flips = 1 + random() % 4;
    for (unsigned flip = 0; flip < flips; ++flip) {
      char& byte = damaged[random() % damaged.size()];
      byte = static_cast<char>(random() % 2 == 0 ? byte ^ (1 << random() % 8) : static_cast<int>(random() % 256));
    }
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    try {
      const Tensor tensor = parse_array(damaged);
      EXPECT_EQ(tensor.size(), tensor.shape().elements());
    } catch (const FileError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("x.npy: ")) << error.what();
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    }
  }
}

TEST(Npy, writes_what_it_reads) {
  const TempDir dir;
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{5}, Shape{2, 3}, Shape{1, 2, 3, 4, 5}}) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<float>(i) / 7.0f - 1.0f);
    const Tensor tensor(shape, values);
    const std::string bytes = npy_bytes(tensor);
    EXPECT_EQ((bytes.size() - values.size() * 4) % 64, 0u);
    EXPECT_EQ(parse_array(bytes), tensor);
    write_npy(dir / "t.npy", tensor);
    EXPECT_EQ(file_bytes(dir / "t.npy"), bytes);
    EXPECT_EQ(read_npy(dir / "t.npy"), tensor);
  }
  EXPECT_EQ(
      npy_bytes(Tensor(Shape{1}, {1.0f})).substr(0, 70),
      std::string("\x93NUMPY\x01\x00\x76\x00", 10) + "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }   ");
}

TEST(Npy, keeps_nan_infinity_and_minus_zero) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor tensor(Shape{4}, {std::numeric_limits<float>::quiet_NaN(), inf, -inf, -0.0f});
  EXPECT_EQ(parse_array(npy_bytes(tensor)), tensor);
}

TEST(Npy, reads_data_longer_than_one_piece) {
  const TempDir dir;
  std::vector<float> values;
  for (int i = 0; i < 700'001; ++i) values.push_back(static_cast<float>(i));
  const Tensor tensor(Shape{700'001}, values);
  write_npy(dir / "long.npy", tensor);
  EXPECT_EQ(read_npy(dir / "long.npy"), tensor);
}

}  // namespace
}  // namespace tconv
