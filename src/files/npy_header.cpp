#include "files/npy_header.h"

#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::string_view save_as_float = "convert it in Python: np.save('x.npy', x.astype('float32'))";
constexpr std::string_view write_again = "write the file again with np.save";

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_word(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         character == '_' || character == '.' || character == '+' || character == '-';
}

// Reads the one dict that numpy writes. It keeps a position only, so that its cost is linear in the text.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      parse_entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (position_ != text_.size()) refuse_syntax("nothing after the dict");
    require(descr_.has_value(), "descr");
    require(fortran_order_.has_value(), "fortran_order");
    require(extents_.has_value(), "shape");
    return {*descr_, {}, *fortran_order_, checked_shape()};
  }

 private:
  [[noreturn]] void refuse(const std::string& found, std::string_view mend) const {
    throw FileError(name_, found, mend);
  }

  [[noreturn]] void refuse_syntax(std::string_view expected) const {
    const std::string_view rest = text_.substr(position_);
    refuse("the header is not the Python dict that numpy writes: expected " + std::string(expected) + " at byte " +
               std::to_string(position_) + " of the header, found " + (rest.empty() ? "its end" : quoted(rest, 16)),
           write_again);
  }

  void require(bool given, std::string_view key) const {
    if (!given) refuse("the header has no key '" + std::string(key) + "'", write_again);
  }

  void skip_space() {
    while (position_ < text_.size() && std::string_view(" \t\r\n\f").find(text_[position_]) != std::string_view::npos)
      ++position_;
  }

  char peek() {
    skip_space();
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  bool accept(char wanted) {
    if (peek() != wanted || position_ >= text_.size()) return false;
    ++position_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) refuse_syntax("'" + std::string(1, wanted) + "'");
  }

  // Escapes and line breaks have no place in the names and types of a header.
  std::string_view parse_string(std::string_view what) {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse_syntax(what);
    const std::size_t begin = position_ + 1;
    const std::size_t end = text_.find_first_of(std::string_view(quote == '"' ? "\"\\\n" : "'\\\n"), begin);
    if (end == std::string_view::npos || text_[end] != quote) refuse_syntax(what);
    position_ = end + 1;
    return text_.substr(begin, end - begin);
  }

  std::string_view parse_word() {
    skip_space();
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_word(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }

  void parse_entry() {
    const std::string_view key = parse_string("a quoted key");
    const bool repeated =
        (key == "descr" && descr_) || (key == "fortran_order" && fortran_order_) || (key == "shape" && extents_);
    if (repeated) refuse("the header has the key " + quoted(key) + " twice", write_again);
    if (key != "descr" && key != "fortran_order" && key != "shape")
      refuse("the header has a key " + quoted(key) + "; only 'descr', 'fortran_order' and 'shape' may be there",
             write_again);
    expect(':');
    if (key == "descr") {
      parse_descr();
    } else if (key == "fortran_order") {
      parse_fortran_order();
    } else {
      parse_shape();
    }
  }

  void parse_descr() {
    if (peek() == '[' || peek() == '(')
      refuse("structured element types (descr is a list of fields) are not read",
             "save one field: np.save('x.npy', x['field'].astype('float32'))");
    descr_ = std::string(parse_string("a quoted element type such as '<f4'"));
  }

  void parse_fortran_order() {
    const std::size_t begin = (skip_space(), position_);
    const std::string_view word = parse_word();
    if (word != "True" && word != "False") {
      position_ = begin;
      refuse_syntax("True or False for fortran_order");
    }
    fortran_order_ = word == "True";
  }

  void parse_shape() {
    if (!accept('(')) refuse_syntax("a tuple such as (2, 3) for shape");
    extents_.emplace();
    bool comma = false;
    while (!accept(')')) {
      if (!extents_->empty() && !comma) refuse_syntax("',' or ')' in shape");
      extents_->push_back(parse_extent());
      comma = accept(',');
    }
    // In Python, (3) is a number and only (3,) is a tuple.
    if (extents_->size() == 1 && !comma)
      refuse("the shape is the number (" + std::to_string(extents_->front()) + "), not a tuple", write_again);
  }

  std::int64_t parse_extent() {
    const std::size_t begin = (skip_space(), position_);
    const std::string_view word = parse_word();
    std::string_view digits = word;
    if (digits.ends_with('L')) digits.remove_suffix(1);
    if (word.starts_with('-') && word.size() > 1 && is_digit(word[1]))
      refuse("the shape has a negative extent " + quoted(word), write_again);
    std::int64_t extent = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), extent);
    const bool whole = !digits.empty() && is_digit(digits[0]) && end == digits.data() + digits.size() &&
                       (digits.size() == 1 || digits[0] != '0');
    if (!whole) {
      position_ = begin;
      refuse_syntax("a whole number in shape");
    }
    if (problem == std::errc::result_out_of_range)
      refuse("the extent " + quoted(word) + " in the shape is larger than 2^63 - 1", write_again);
    return extent;
  }

  Shape checked_shape() const {
    if (extents_->size() > static_cast<std::size_t>(Shape::max_rank))
      refuse("the array has " + std::to_string(extents_->size()) + " axes; at most " + std::to_string(Shape::max_rank) +
                 " are read",
             "reshape it in Python: np.save('x.npy', x.reshape(...))");
    return Shape(std::span<const std::int64_t>(*extents_));
  }

  std::string_view text_;
  std::string_view name_;
  std::size_t position_ = 0;
  std::optional<std::string> descr_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<std::int64_t>> extents_;
};

std::string_view unread_type(std::string_view code) {
  const std::string_view size = code.substr(code.empty() ? 0 : 1);
  switch (code.empty() ? '\0' : code[0]) {
    case 'f':
      return size == "12" || size == "16" ? "long double numbers are" : "floats of this size are";
    case 'i':
    case 'u':
      return "whole numbers of this size are";
    case 'c':
      return "complex numbers are";
    case 'S':
    case 'a':
    case 'U':
      return "strings are";
    case 'V':
      return "raw bytes (also how numpy saves bfloat16 and float8) are";
    case 'M':
    case 'm':
      return "dates and time spans are";
    default:
      return "this type is";
  }
}

NpyType parse_type(std::string_view descr, std::string_view name) {
  std::string_view code = descr;
  NpyType type;
  if (!code.empty() && std::string_view("<>=|").find(code[0]) != std::string_view::npos) {
    type.big_endian = code[0] == '>';
    code.remove_prefix(1);
  }
  if (code.starts_with('O'))
    throw FileError(name,
                    "this is an object array (descr " + quoted(descr) +
                        "): it holds a Python pickle, which can run any program and is never loaded",
                    save_as_float);
  static constexpr std::string_view readable[] = {"f2", "f4", "f8", "i1", "i2", "i4",
                                                  "i8", "u1", "u2", "u4", "u8", "b1"};
  for (const std::string_view candidate : readable) {
    if (code != candidate) continue;
    type.kind = code[0];
    type.bytes = static_cast<std::size_t>(code[1] - '0');
    return type;
  }
  throw FileError(name,
                  "the element type is " + quoted(descr) + ": " + std::string(unread_type(code)) +
                      " not read, only f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8 and b1",
                  code.starts_with('c') ? "save the parts: np.save('x.npy', x.real.astype('float32'))" : save_as_float);
}

}  // namespace

std::string python_tuple(const Shape& shape) {
  std::string out = "(";
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) out += ", ";
    out += std::to_string(shape[axis]);
  }
  return out + (shape.rank() == 1 ? ",)" : ")");
}

NpyHeader parse_npy_header(std::string_view text, std::string_view name) {
  NpyHeader header = HeaderParser(text, name).parse();
  header.type = parse_type(header.descr, name);
  const auto elements = header.shape.checked_elements();
  if (!elements || *elements > std::numeric_limits<std::int64_t>::max() / 8)
    throw FileError(name, "the shape " + python_tuple(header.shape) + " has more elements than can be counted",
                    write_again);
  return header;
}

}  // namespace tconv
