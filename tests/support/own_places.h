#pragma once
// Where the tests' own files and the built programs lie. Only one source file knows a path of the machine, so that a
// compiler's cache serves every checkout.

#include <filesystem>
#include <string>

namespace tconv::test {

/// The folder tests/ of the sources.
std::filesystem::path sources();
/// The folder that this test program lies in.
std::filesystem::path built_tests();
/// The built program of that name: "tconv", "tconv-studio".
std::string program(const std::string& name);

}  // namespace tconv::test
