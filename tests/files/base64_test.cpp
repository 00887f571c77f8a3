#include "files/base64.h"

#include <gtest/gtest.h>

namespace tconv {
namespace {

TEST(Base64, IsThatOfTheRfc) {
  for (const auto& [bytes, letters] :
       std::initializer_list<std::pair<std::string, std::string>>{{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xff\xfe\xfd", "//79"}}) {
    std::string text;
    append_base64(text, bytes);
    EXPECT_EQ(text, letters);
    EXPECT_EQ(from_base64(letters), bytes);
  }
  for (const char* wrong : {"Z", "Zg", "Zg=", "Z===", "Zm9*", "Zg==Zg=="}) EXPECT_FALSE(from_base64(wrong)) << wrong;
}

}  // namespace
}  // namespace tconv
