#include "files/png_rows.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

namespace tconv {

// Everything that the encoder touches between setjmp and longjmp lies here and not in a function's frame: a jump then
// passes over no destructor and leaves no local value undefined.
struct PngRows::Encoding {
  PngFormat format;
  ByteSink sink;
  int color_type = 0;
  png_uint_32 pixels_per_metre = 0;
  std::size_t row_bytes = 0;
  std::int64_t rows = 0;
  std::vector<png_text> texts{};
  std::string held{};  ///< bytes that wait for more: libpng hands out some thousand at a time
  std::string message{};
  std::exception_ptr thrown{};  ///< by the sink
  png_structp png = nullptr;
  png_infop info = nullptr;

  Encoding(PngFormat wanted, ByteSink to) : format(std::move(wanted)), sink(std::move(to)) {}
  ~Encoding() { png_destroy_write_struct(&png, &info); }
  Encoding(const Encoding&) = delete;
  Encoding& operator=(const Encoding&) = delete;

  void hand_on() {
    send(held, sink);
    held.clear();
  }

  bool begin();
  bool add(const std::uint8_t* row);
  bool end();
  /// What went wrong when one of these returned false.
  [[noreturn]] void fail() const {
    if (thrown) std::rethrow_exception(thrown);
    throw std::runtime_error("the PNG cannot be encoded: " + message);
  }
};

namespace {

constexpr std::size_t held_bytes = std::size_t{1} << 18;

int color_type_of(int channels) {
  switch (channels) {
    case 1:
      return PNG_COLOR_TYPE_GRAY;
    case 3:
      return PNG_COLOR_TYPE_RGB;
    case 4:
      return PNG_COLOR_TYPE_RGB_ALPHA;
    default:
      throw std::invalid_argument("a PNG's channels must be 1, 3 or 4, not " + std::to_string(channels));
  }
}

png_uint_32 pixels_per_metre_of(std::optional<double> dpi) {
  if (!dpi) return 0;
  const double per_metre = std::round(*dpi / 0.0254);
  if (!(per_metre >= 1.0 && per_metre <= 2147483647.0))
    throw std::invalid_argument("a PNG's dpi is out of range: " + std::to_string(*dpi));
  return static_cast<png_uint_32>(per_metre);
}

bool is_ascii(const std::string& words) {
  return std::ranges::all_of(words, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::vector<png_text> texts_of(std::vector<PngText>& from) {
  static char no_language[] = "";
  std::vector<png_text> texts;
  for (PngText& one : from) {
    if (one.words.empty()) continue;
    png_text text{};
    // Latin letters as every program reads them; others need the newer kind of text.
    text.compression = is_ascii(one.words) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    text.key = one.keyword.data();
    text.text = one.words.data();
    (text.compression == PNG_TEXT_COMPRESSION_NONE ? text.text_length : text.itxt_length) = one.words.size();
    text.lang = no_language;
    text.lang_key = no_language;
    texts.push_back(text);
  }
  return texts;
}

void ignore_warning(png_structp, png_const_charp) {}

}  // namespace

bool PngRows::Encoding::begin() {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  const auto append = [](png_structp writer, png_bytep data, png_size_t size) {
    auto& encoding = *static_cast<Encoding*>(png_get_io_ptr(writer));
    try {
      encoding.held.append(reinterpret_cast<const char*>(data), size);
      if (encoding.held.size() >= held_bytes) encoding.hand_on();
    } catch (...) {
      encoding.thrown = std::current_exception();
    }
    if (encoding.thrown) png_error(writer, "not written");
  };
  png_set_write_fn(png, this, append, nullptr);
  // On figures level 3 is several times as fast as the default and costs a few per cent of size.
  png_set_compression_level(png, 3);
  // Trying all filters on each row costs more than it gains where neighbouring rows of numbers are alike.
  if (format.bits == 16) png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_IHDR(png, info, static_cast<png_uint_32>(format.width), static_cast<png_uint_32>(format.height), format.bits,
               color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (pixels_per_metre > 0) png_set_pHYs(png, info, pixels_per_metre, pixels_per_metre, PNG_RESOLUTION_METER);
  if (!texts.empty()) png_set_text(png, info, texts.data(), static_cast<int>(texts.size()));
  png_write_info(png, info);
  return true;
}

bool PngRows::Encoding::add(const std::uint8_t* row) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_write_row(png, row);
  return true;
}

bool PngRows::Encoding::end() {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_write_end(png, nullptr);
  return true;
}

PngRows::PngRows(const PngFormat& format, ByteSink sink)
    : encoding_(std::make_unique<Encoding>(format, std::move(sink))) {
  Encoding& encoding = *encoding_;
  encoding.color_type = color_type_of(format.channels);
  encoding.pixels_per_metre = pixels_per_metre_of(format.dpi);
  if (format.bits != 8 && format.bits != 16)
    throw std::invalid_argument("a PNG has 8 or 16 bits here, not " + std::to_string(format.bits));
  if (format.width < 1 || format.height < 1 || format.width > longest_png_side || format.height > longest_png_side)
    throw std::invalid_argument("no PNG of " + std::to_string(format.width) + " × " + std::to_string(format.height));
  encoding.row_bytes = static_cast<std::size_t>(format.width) * static_cast<std::size_t>(format.channels) *
                       static_cast<std::size_t>(format.bits / 8);
  encoding.texts = texts_of(encoding.format.texts);
  encoding.held.reserve(held_bytes + (std::size_t{1} << 14));
  encoding.png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, &encoding,
      [](png_structp png, png_const_charp message) {
        static_cast<Encoding*>(png_get_error_ptr(png))->message = message;
        png_longjmp(png, 1);
      },
      ignore_warning);
  if (encoding.png != nullptr) encoding.info = png_create_info_struct(encoding.png);
  if (encoding.info == nullptr) throw std::bad_alloc();
  if (!encoding.begin()) encoding.fail();
}

PngRows::~PngRows() = default;

std::size_t PngRows::row_bytes() const { return encoding_->row_bytes; }

void PngRows::add(std::span<const std::uint8_t> row) {
  Encoding& encoding = *encoding_;
  if (row.size() != encoding.row_bytes || encoding.rows == encoding.format.height)
    throw std::invalid_argument("a PNG's row " + std::to_string(encoding.rows) + " of " +
                                std::to_string(encoding.format.height) + " has " + std::to_string(row.size()) +
                                " bytes, not " + std::to_string(encoding.row_bytes));
  if (!encoding.add(row.data())) encoding.fail();
  ++encoding.rows;
}

void PngRows::finish() {
  Encoding& encoding = *encoding_;
  if (encoding.rows != encoding.format.height)
    throw std::invalid_argument("a PNG ends after row " + std::to_string(encoding.rows) + " of " +
                                std::to_string(encoding.format.height));
  if (!encoding.end()) encoding.fail();
  encoding.hand_on();
}

}  // namespace tconv
