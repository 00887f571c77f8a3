// Mesa's software renderer compiles shaders for the processor, which takes most of these tests' time: with fewer
// optimizations half of it. Other drivers do not know the variable.

#include <gtest/gtest.h>
#include <stdlib.h>

namespace {

class QuickCompiler : public testing::Environment {
 public:
  void SetUp() override { ::setenv("GALLIVM_PERF", "nopt", 0); }
};

const testing::Environment* const added = testing::AddGlobalTestEnvironment(new QuickCompiler);

}  // namespace
