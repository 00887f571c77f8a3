#pragma once
// Lists of layers to be timed, as CSV:
//
//   # comments and blank lines count for nothing
//   name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D
//   dcgan_3_512-256_8x8,1,512,256,1,8,8,4,2,1,0,1
//
// Two dimensions, the same K, S, P, OP and D along both, P at both ends. The first line names the columns, which may
// stand in any order. Names have no commas, quotes or control characters.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/layer_spec.h"

namespace tconv {

struct NamedLayer {
  std::string name;
  LayerSpec layer;
};

/// All layers of a list that are legal within `limits`. Throws FileError with one line for the first that is wrong:
/// file, line, column, rule, what was found and the nearest legal value.
std::vector<NamedLayer> parse_layer_table(std::string_view text, std::string_view file, const Limits& limits = {});
/// Of a file; "-" is standard input.
std::vector<NamedLayer> read_layer_table(const std::filesystem::path& path, const Limits& limits = {});

}  // namespace tconv
