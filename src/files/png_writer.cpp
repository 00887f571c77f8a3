#include "files/png_writer.h"

#include <png.h>

#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <new>
#include <stdexcept>

namespace tconv {
namespace {

// Everything that the encoder touches between setjmp and longjmp lies here, in the caller's frame: a jump then passes
// over no destructor and leaves no local value undefined.
struct Encoding {
  int width, height, color_type;
  std::size_t row_bytes;
  const std::uint8_t* pixels;
  png_uint_32 pixels_per_metre;
  std::string text;
  std::string key = "Comment";
  std::string out{};
  std::string message{};
  png_structp png = nullptr;
  png_infop info = nullptr;

  ~Encoding() { png_destroy_write_struct(&png, &info); }
};

void append(png_structp png, png_bytep data, png_size_t size) {
  auto& encoding = *static_cast<Encoding*>(png_get_io_ptr(png));
  bool failed = false;
  try {
    encoding.out.append(reinterpret_cast<const char*>(data), size);
  } catch (const std::exception&) {
    failed = true;
  }
  if (failed) png_error(png, "out of memory");
}

void fail(png_structp png, png_const_charp message) {
  static_cast<Encoding*>(png_get_error_ptr(png))->message = message;
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

bool encode(Encoding& encoding) {
  if (setjmp(png_jmpbuf(encoding.png)) != 0) return false;
  png_set_write_fn(encoding.png, &encoding, append, nullptr);
  // On figures level 3 is several times as fast as the default and costs a few per cent of size.
  png_set_compression_level(encoding.png, 3);
  png_set_IHDR(encoding.png, encoding.info, static_cast<png_uint_32>(encoding.width),
               static_cast<png_uint_32>(encoding.height), 8, encoding.color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (encoding.pixels_per_metre > 0)
    png_set_pHYs(encoding.png, encoding.info, encoding.pixels_per_metre, encoding.pixels_per_metre,
                 PNG_RESOLUTION_METER);
  if (!encoding.text.empty()) {
    png_text text{};
    text.compression = PNG_TEXT_COMPRESSION_NONE;
    text.key = encoding.key.data();
    text.text = encoding.text.data();
    text.text_length = encoding.text.size();
    png_set_text(encoding.png, encoding.info, &text, 1);
  }
  png_write_info(encoding.png, encoding.info);
  for (int row = 0; row < encoding.height; ++row)
    png_write_row(encoding.png, encoding.pixels + static_cast<std::size_t>(row) * encoding.row_bytes);
  png_write_end(encoding.png, encoding.info);
  return true;
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
      throw std::invalid_argument("png_bytes: channels must be 1, 3 or 4, not " + std::to_string(channels));
  }
}

png_uint_32 pixels_per_metre_of(std::optional<double> dpi) {
  if (!dpi) return 0;
  const double per_metre = std::round(*dpi / 0.0254);
  if (!(per_metre >= 1.0 && per_metre <= 2147483647.0))
    throw std::invalid_argument("png_bytes: dpi out of range: " + std::to_string(*dpi));
  return static_cast<png_uint_32>(per_metre);
}

}  // namespace

std::string png_bytes(int width, int height, std::span<const std::uint8_t> pixels, const PngOptions& options) {
  const int color_type = color_type_of(options.channels);
  if (width < 1 || height < 1 || width > 1'000'000 || height > 1'000'000)
    throw std::invalid_argument("png_bytes: no image of " + std::to_string(width) + " × " + std::to_string(height));
  const std::size_t row_bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(options.channels);
  if (pixels.size() != row_bytes * static_cast<std::size_t>(height))
    throw std::invalid_argument("png_bytes: " + std::to_string(pixels.size()) + " bytes of pixels for " +
                                std::to_string(width) + " × " + std::to_string(height) + " × " +
                                std::to_string(options.channels));
  Encoding encoding{width,       height, color_type, row_bytes, pixels.data(), pixels_per_metre_of(options.dpi),
                    options.text};
  encoding.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoding, fail, ignore_warning);
  if (encoding.png != nullptr) encoding.info = png_create_info_struct(encoding.png);
  if (encoding.info == nullptr) throw std::bad_alloc();
  if (!encode(encoding)) throw std::runtime_error("the PNG cannot be encoded: " + encoding.message);
  return std::move(encoding.out);
}

}  // namespace tconv
