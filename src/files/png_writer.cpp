#include "files/png_writer.h"

#include <png.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <exception>
#include <new>
#include <stdexcept>

namespace tconv {

// Everything that the encoder touches between setjmp and longjmp lies here, outside of the functions that jump: a jump
// then passes over no destructor and leaves no local value undefined.
struct PngStream::Encoding {
  int width, height, color_type, bits;
  std::size_t row_bytes;
  png_uint_32 pixels_per_metre;
  std::vector<PngText> texts;
  ByteSink sink;
  std::vector<png_text> listed_texts{};
  std::string held{};  ///< bytes that wait for more: libpng hands out some at a time
  std::string message{};
  std::exception_ptr sink_failure{};
  int rows_done = 0;
  std::span<const std::uint8_t> pixels{};
  png_structp png = nullptr;
  png_infop info = nullptr;

  Encoding(int w, int h, const PngOptions& options, ByteSink to);
  ~Encoding() { png_destroy_write_struct(&png, &info); }
  Encoding(const Encoding&) = delete;
  Encoding& operator=(const Encoding&) = delete;

  // Each returns false when libpng has jumped.
  bool begin();
  bool write_rows();
  bool end();

  void require(bool done) const {
    if (done) return;
    if (sink_failure) std::rethrow_exception(sink_failure);
    throw std::runtime_error("the PNG cannot be encoded: " + message);
  }

  void hand_on() {
    send(held, sink);
    held.clear();
  }

  static void append(png_structp png, png_bytep data, png_size_t size);
  static void fail(png_structp png, png_const_charp message);
};

namespace {

constexpr std::size_t held_bytes = std::size_t{1} << 18;

void ignore_warning(png_structp, png_const_charp) {}

/// As libpng wants them, pointing into `texts`: letters of ASCII as every program reads them, others as UTF-8.
std::vector<png_text> listed(std::vector<PngText>& texts) {
  static char nothing[] = "";
  std::vector<png_text> list;
  for (PngText& one : texts) {
    if (one.words.empty()) continue;
    const bool ascii = std::ranges::all_of(one.words, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    png_text text{};
    text.compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    text.key = one.keyword.data();
    text.text = one.words.data();
    (ascii ? text.text_length : text.itxt_length) = one.words.size();
    text.lang = text.lang_key = nothing;
    list.push_back(text);
  }
  return list;
}

int color_type_of(int channels) {
  switch (channels) {
    case 1:
      return PNG_COLOR_TYPE_GRAY;
    case 3:
      return PNG_COLOR_TYPE_RGB;
    case 4:
      return PNG_COLOR_TYPE_RGB_ALPHA;
    default:
      throw std::invalid_argument("PNG: channels must be 1, 3 or 4, not " + std::to_string(channels));
  }
}

png_uint_32 pixels_per_metre_of(std::optional<double> dpi) {
  if (!dpi) return 0;
  const double per_metre = std::round(*dpi / 0.0254);
  if (!(per_metre >= 1.0 && per_metre <= 2147483647.0))
    throw std::invalid_argument("PNG: dpi out of range: " + std::to_string(*dpi));
  return static_cast<png_uint_32>(per_metre);
}

}  // namespace

void PngStream::Encoding::append(png_structp png, png_bytep data, png_size_t size) {
  auto& encoding = *static_cast<Encoding*>(png_get_io_ptr(png));
  try {
    encoding.held.append(reinterpret_cast<const char*>(data), size);
    if (encoding.held.size() >= held_bytes) encoding.hand_on();
  } catch (...) {
    encoding.sink_failure = std::current_exception();
  }
  if (encoding.sink_failure) png_error(png, "the bytes cannot be written");
}

void PngStream::Encoding::fail(png_structp png, png_const_charp message) {
  static_cast<Encoding*>(png_get_error_ptr(png))->message = message;
  png_longjmp(png, 1);
}

PngStream::Encoding::Encoding(int w, int h, const PngOptions& options, ByteSink to)
    : width(w),
      height(h),
      color_type(color_type_of(options.channels)),
      bits(options.bits),
      row_bytes(static_cast<std::size_t>(w) * static_cast<std::size_t>(options.channels * options.bits / 8)),
      pixels_per_metre(pixels_per_metre_of(options.dpi)),
      texts(options.texts),
      sink(std::move(to)) {
  if (bits != 8 && bits != 16) throw std::invalid_argument("PNG: bits must be 8 or 16, not " + std::to_string(bits));
  texts.push_back({"Comment", options.text});
  listed_texts = listed(texts);
  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, fail, ignore_warning);
  if (png != nullptr) info = png_create_info_struct(png);
  if (info == nullptr) throw std::bad_alloc();
}

bool PngStream::Encoding::begin() {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, this, append, nullptr);
  png_set_user_limits(png, 1'000'000, 1'000'000);
  // On figures level 3 is several times as fast as the default and costs a few per cent of size.
  png_set_compression_level(png, 3);
  // Trying all filters on each row takes as long as the rest; on figures, maps and raw numbers it gains next to
  // nothing.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bits, color_type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (pixels_per_metre > 0) png_set_pHYs(png, info, pixels_per_metre, pixels_per_metre, PNG_RESOLUTION_METER);
  if (!listed_texts.empty()) png_set_text(png, info, listed_texts.data(), static_cast<int>(listed_texts.size()));
  png_write_info(png, info);
  if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png);
  return true;
}

bool PngStream::Encoding::write_rows() {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  for (; !pixels.empty(); pixels = pixels.subspan(row_bytes), ++rows_done) png_write_row(png, pixels.data());
  return true;
}

bool PngStream::Encoding::end() {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_write_end(png, info);
  return true;
}

PngStream::PngStream(int width, int height, const PngOptions& options, ByteSink sink) {
  if (width < 1 || height < 1 || width > 1'000'000 || height > 1'000'000)
    throw std::invalid_argument("PNG: no image of " + std::to_string(width) + " × " + std::to_string(height));
  encoding_ = std::make_unique<Encoding>(width, height, options, std::move(sink));
  encoding_->require(encoding_->begin());
}

PngStream::~PngStream() = default;

std::size_t PngStream::row_bytes() const { return encoding_->row_bytes; }

void PngStream::rows(std::span<const std::uint8_t> pixels) {
  const std::size_t left = static_cast<std::size_t>(encoding_->height - encoding_->rows_done) * encoding_->row_bytes;
  if (pixels.size() % encoding_->row_bytes != 0 || pixels.size() > left)
    throw std::invalid_argument("PNG: " + std::to_string(pixels.size()) + " bytes are no rows of " +
                                std::to_string(encoding_->row_bytes) + ", or too many");
  encoding_->pixels = pixels;
  encoding_->require(encoding_->write_rows());
}

void PngStream::finish() {
  if (encoding_->rows_done != encoding_->height)
    throw std::invalid_argument("PNG: " + std::to_string(encoding_->rows_done) + " of " +
                                std::to_string(encoding_->height) + " rows were written");
  encoding_->require(encoding_->end());
  encoding_->hand_on();
}

std::string png_bytes(int width, int height, std::span<const std::uint8_t> pixels, const PngOptions& options) {
  std::string out;
  PngStream stream(width, height, options, [&](std::span<const std::byte> bytes) {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  if (pixels.size() != stream.row_bytes() * static_cast<std::size_t>(height))
    throw std::invalid_argument("PNG: " + std::to_string(pixels.size()) + " bytes of pixels for " +
                                std::to_string(width) + " × " + std::to_string(height) + " × " +
                                std::to_string(options.channels));
  stream.rows(pixels);
  stream.finish();
  return out;
}

}  // namespace tconv
