#include "support/own_places.h"

namespace tconv::test {

std::filesystem::path sources() { return TCONV_TEST_SOURCES; }

std::filesystem::path built_tests() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

std::string program(const std::string& name) { return (built_tests().parent_path() / "bin" / name).string(); }

}  // namespace tconv::test
