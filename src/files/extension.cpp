#include "files/extension.h"

#include "core/names.h"

namespace tconv {

std::string lower_extension(const std::filesystem::path& path) { return lower_case(path.extension().string()); }

}  // namespace tconv
