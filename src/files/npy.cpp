#include "files/npy.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "files/atomic_file.h"
#include "files/byte_source.h"
#include "files/file_error.h"
#include "files/file_kind.h"
#include "files/npy_header.h"

namespace tconv {
namespace {

static_assert(std::endian::native == std::endian::little, "the fast path and the writer copy float32 as they are");

constexpr std::size_t max_header_bytes = 10'000;
constexpr std::size_t chunk_bytes = std::size_t{1} << 20;  // A multiple of every element size.
constexpr std::string_view save_array = "write one with numpy: np.save('x.npy', x.astype('float32'))";

std::string need_have(std::uint64_t need, std::uint64_t have) {
  return "need " + std::to_string(need) + " bytes, have " + std::to_string(have);
}

[[noreturn]] void refuse_kind(const ByteSource& source, FileKind kind) {
  const std::string found =
      kind == FileKind::empty ? "the file is empty" : "not a .npy file: it is " + std::string(kind_text(kind));
  std::string_view mend = save_array;
  if (kind == FileKind::empty) mend = copy_again;
  if (kind == FileKind::zip) mend = "take one array out of it: np.save('x.npy', np.load('x.npz')['name'])";
  if (kind == FileKind::text_converted_npy) mend = "copy it again in binary mode";
  if (kind == FileKind::lfs_pointer) mend = "fetch the file with: git lfs pull";
  throw FileError(source.name(), found, mend);
}

// `need` counts from the beginning of the file, as a look at its size does.
void read_header_part(ByteSource& source, std::span<std::byte> into) {
  const std::uint64_t need = source.position() + into.size();
  if (source.read(into) < into.size())
    throw FileError(source.name(), "truncated header: " + need_have(need, source.position()), copy_again);
}

NpyHeader read_header(ByteSource& source) {
  constexpr std::string_view magic = "\x93NUMPY";
  const auto first = source.peek(file_kind_bytes);
  const bool cut_magic =
      !first.empty() && first.size() < magic.size() && std::memcmp(first.data(), magic.data(), first.size()) == 0;
  if (const FileKind kind = file_kind(first); kind != FileKind::npy && !cut_magic) refuse_kind(source, kind);
  std::byte start[8];
  read_header_part(source, start);
  const int major = std::to_integer<int>(start[6]);
  const int minor = std::to_integer<int>(start[7]);
  if (major < 1 || major > 3 || minor != 0)
    throw FileError(
        source.name(),
        ".npy version " + std::to_string(major) + "." + std::to_string(minor) + " is not known, only 1.0, 2.0 and 3.0",
        save_array);
  std::byte length_bytes[4]{};
  read_header_part(source, std::span(length_bytes).first(major == 1 ? 2 : 4));
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length |= std::to_integer<std::size_t>(length_bytes[i]) << (8 * i);
  if (length > max_header_bytes)
    throw FileError(source.name(),
                    "the header claims " + std::to_string(length) + " bytes, more than the " +
                        std::to_string(max_header_bytes) + " that are read",
                    save_array);
  std::string text(length, '\0');
  read_header_part(source, std::as_writable_bytes(std::span(text)));
  return parse_npy_header(text, source.name());
}

template <typename Bits>
Bits load_bits(const std::byte* from, bool big_endian) {
  Bits bits = 0;
  for (std::size_t i = 0; i < sizeof(Bits); ++i) {
    const std::size_t place = big_endian ? sizeof(Bits) - 1 - i : i;
    bits = static_cast<Bits>(bits | static_cast<Bits>(std::to_integer<std::uint64_t>(from[i]) << (8 * place)));
  }
  return bits;
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) {  // Zero and subnormals: mantissa · 2^-24.
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign == 0 ? magnitude : -magnitude;
  }
  const std::uint32_t wide_exponent = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (mantissa << 13));
}

template <typename Bits, typename Decode>
void convert_with(std::span<const std::byte> raw, bool big_endian, float* out, Decode decode) {
  for (std::size_t at = 0; at < raw.size(); at += sizeof(Bits))
    *out++ = decode(load_bits<Bits>(raw.data() + at, big_endian));
}

template <typename Bits>
void convert_whole(std::span<const std::byte> raw, NpyType type, float* out) {
  if (type.kind == 'i')
    convert_with<Bits>(raw, type.big_endian, out,
                       [](Bits bits) { return static_cast<float>(static_cast<std::make_signed_t<Bits>>(bits)); });
  else if (type.kind == 'u')
    convert_with<Bits>(raw, type.big_endian, out, [](Bits bits) { return static_cast<float>(bits); });
  else
    convert_with<Bits>(raw, type.big_endian, out, [](Bits bits) { return bits == 0 ? 0.0f : 1.0f; });
}

void convert(std::span<const std::byte> raw, NpyType type, float* out) {
  const bool is_float = type.kind == 'f';
  switch (type.bytes) {
    case 1:
      return convert_whole<std::uint8_t>(raw, type, out);
    case 2:
      if (is_float) return convert_with<std::uint16_t>(raw, type.big_endian, out, half_to_float);
      return convert_whole<std::uint16_t>(raw, type, out);
    case 4:
      if (is_float)
        return convert_with<std::uint32_t>(raw, type.big_endian, out,
                                           [](std::uint32_t bits) { return std::bit_cast<float>(bits); });
      return convert_whole<std::uint32_t>(raw, type, out);
    default:
      if (is_float)
        return convert_with<std::uint64_t>(raw, type.big_endian, out, [](std::uint64_t bits) {
          return static_cast<float>(std::bit_cast<double>(bits));
        });
      return convert_whole<std::uint64_t>(raw, type, out);
  }
}

// The values in the order of the file. Memory grows with what arrives, and with what the header claims only once the
// size of the file has confirmed it.
std::vector<float> read_values(ByteSource& source, const NpyHeader& header) {
  const auto elements = static_cast<std::size_t>(header.shape.elements());
  const std::uint64_t need = std::uint64_t{elements} * header.type.bytes;
  const auto require_data = [&](std::uint64_t have) {
    if (have < need)
      throw FileError(source.name(),
                      "truncated data: " + need_have(need, have) + " (shape " + python_tuple(header.shape) + " of '" +
                          header.descr + "')",
                      copy_again);
  };
  std::vector<float> values;
  if (source.size()) {
    require_data(*source.size() - std::min(*source.size(), source.position()));
    require_memory(source.name(), std::uint64_t{elements} * sizeof(float) * (header.fortran_order ? 2 : 1));
    values.reserve(elements);
  }
  std::vector<std::byte> chunk(static_cast<std::size_t>(std::min<std::uint64_t>(need, chunk_bytes)));
  for (std::uint64_t done = 0; done < need;) {
    const auto raw =
        std::span(chunk).first(static_cast<std::size_t>(std::min<std::uint64_t>(need - done, chunk.size())));
    const std::size_t got = source.read(raw);
    done += got;
    if (got < raw.size()) require_data(done);
    const std::size_t held = values.size();
    values.resize(held + raw.size() / header.type.bytes);
    convert(raw, header.type, values.data() + held);
  }
  return values;
}

std::vector<float> row_major(const std::vector<float>& column_major, const Shape& shape) {
  std::vector<float> out;
  out.reserve(column_major.size());
  std::int64_t strides[Shape::max_rank + 1] = {1};
  for (int axis = 0; axis < shape.rank(); ++axis) strides[axis + 1] = strides[axis] * shape[axis];
  std::int64_t index[Shape::max_rank] = {};
  std::int64_t from = 0;
  while (out.size() < column_major.size()) {
    out.push_back(column_major[static_cast<std::size_t>(from)]);
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis + 1];
      index[axis] = 0;
    }
  }
  return out;
}

}  // namespace

Tensor read_npy(ByteSource& source) try {
  const NpyHeader header = read_header(source);
  std::vector<float> values = read_values(source, header);
  if (header.fortran_order && header.shape.rank() > 1) values = row_major(values, header.shape);
  return Tensor(header.shape, std::move(values));
} catch (const std::bad_alloc&) {
  throw FileError(source.name(), "not enough memory for its array", "save a smaller part of it");
} catch (const std::length_error&) {
  throw FileError(source.name(), "not enough memory for its array", "save a smaller part of it");
}

Tensor read_npy(const std::filesystem::path& path) {
  ByteSource source(path);
  return read_npy(source);
}

Tensor parse_npy(std::span<const std::byte> bytes, std::string_view name) {
  ByteSource source(bytes, name);
  return read_npy(source);
}

std::string npy_header_bytes(const Shape& shape) {
  std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': " + python_tuple(shape) + ", }";
  constexpr std::size_t prefix = 10;
  dict.append(63 - (prefix + dict.size()) % 64, ' ');
  dict += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(dict.size() & 0xff);
  out += static_cast<char>(dict.size() >> 8);
  return out + dict;
}

std::string npy_bytes(const Tensor& tensor) {
  std::string out = npy_header_bytes(tensor.shape());
  out.append(reinterpret_cast<const char*>(tensor.data()), tensor.values().size_bytes());
  return out;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  const std::string header = npy_header_bytes(tensor.shape());
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(header)), std::as_bytes(tensor.values())};
  write_file_atomically(path, pieces);
}

}  // namespace tconv
