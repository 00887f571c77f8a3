#include "files/embedded.h"

#include <tconv_assets.h>

#include <algorithm>
#include <span>

namespace tconv {
namespace {

// The generated list is sorted by name.
auto first_not_before(std::string_view name) {
  const auto assets = embedded_assets();
  return std::lower_bound(assets.begin(), assets.end(), name,
                          [](const EmbeddedAsset& asset, std::string_view wanted) { return asset.name < wanted; });
}

}  // namespace

std::optional<std::string_view> embedded_file(std::string_view name) {
  const auto found = first_not_before(name);
  if (found == embedded_assets().end() || found->name != name) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(found->data), found->size);
}

std::vector<std::string_view> embedded_names(std::string_view prefix) {
  std::vector<std::string_view> names;
  for (auto asset = first_not_before(prefix); asset != embedded_assets().end() && asset->name.starts_with(prefix);
       ++asset)
    names.push_back(asset->name);
  return names;
}

}  // namespace tconv
