// What all commands share: help, version, unknown words, exit codes and streams of the built program.

#include "cli_test_support.h"
#include "core/names.h"

namespace tconv::test {
namespace {

TEST(Program, WithoutArgumentsHelpsOnStderr) {
  const CliRun result = run({});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(contains(result.err, "Usage: tconv"));
}

TEST(Program, HelpNamesEveryCommand) {
  const CliRun result = run({"--help"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  for (const char* command : {"size", "apply", "describe", "render"}) {
    EXPECT_TRUE(contains(result.out, std::string("\n  ") + command + " ")) << result.out;
    const CliRun of_command = run({command, "--help"});
    EXPECT_EQ(of_command.code, 0);
    EXPECT_TRUE(contains(of_command.out, std::string("Usage: tconv ") + command)) << of_command.out;
  }
}

TEST(Program, HelpOfFlagsComesFromTheFields) {
  const CliRun result = run({"size", "--help"});
  EXPECT_TRUE(contains(result.out, "--output-padding")) << result.out;
  EXPECT_TRUE(contains(result.out, "output cells from one stamp to the next (at least 1, default 1)")) << result.out;
}

TEST(Program, TellsItsVersion) {
  const CliRun result = run({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(result.out.starts_with("tconv ")) << result.out;
  EXPECT_EQ(lines_of(result.out).size(), 1U);
}

TEST(Program, RefusesUnknownWords) {
  expect_refusal(run({"aply"}), 2, "tconv: ", {"there is no command 'aply'; nearest: apply, "});
  expect_refusal(run({""}), 2, "tconv: ", {"there is no command ''"});
  expect_refusal(run({"--bogus"}), 2, "tconv: ", {"--bogus"});
  expect_refusal(run({"size", "--input", "4", "--kernel", "3", "--bogus", "1"}), 2, "tconv size: ", {"--bogus 1"});
  expect_refusal(run({"size", "--input", "4", "--kernel", "3", "a\nb"}), 2, "tconv size: ", {"a b"});
}

TEST(Program, NamesEveryMissingOption) {
  expect_refusal(run({"size"}), 2, "tconv size: ", {"--input is required", "--kernel is required"});
  expect_refusal(run({"apply", "--input", "x.npy"}), 2,
                 "tconv apply: ", {"--weight is required", "--output is required"});
  expect_refusal(run({"size", "--kernel", "3", "--input"}), 2, "tconv size: ", {"--input"});
  expect_refusal(run({"size", "--input", "4", "--input", "5", "--kernel", "3"}), 2, "tconv size: ", {"--input"});
}

TEST(Program, ExitsAndStreamsAsAProcess) {
  const TempDir dir;
  const std::string out = (dir / "out").string();
  const std::string err = (dir / "err").string();
  const std::string files = " > '" + out + "' 2> '" + err + "'";
  EXPECT_EQ(shell("\"$TCONV\" size --input 4 --kernel 3 --json" + files), 0);
  EXPECT_EQ(file_bytes(out), "{\"output\":[6],\"legal_outputs\":[[6]],\"forward_inputs\":[[6]]}\n");
  EXPECT_EQ(file_bytes(err), "");
  EXPECT_EQ(shell("\"$TCONV\" size --input 4 --kernel 0" + files), 2);
  EXPECT_EQ(file_bytes(out), "");
  EXPECT_EQ(lines_of(file_bytes(err)).size(), 1U);
  EXPECT_EQ(shell("\"$TCONV\"" + files), 2);
  EXPECT_EQ(shell("\"$TCONV\" --version" + files), 0);
  EXPECT_EQ(shell("\"$TCONV\" describe '" + out + "'" + files), 3);
}

TEST(Program, AnInterruptIsToldOfInTheCommandsName) {
  const TempDir dir;
  const std::string x = save(dir, "x.npy", {1, 16, 256, 256}, {1});
  const std::string w = save(dir, "w.npy", {16, 16, 16, 16}, {1});
  const std::string err = (dir / "err").string();
  // Asks nobody whether to go on.
  EXPECT_EQ(interrupted(
                {"apply", "--input", x, "--weight", w, "--method", "paint", "--output", (dir / "y.npy").string()}, err),
            1);
  EXPECT_EQ(file_bytes(err), "tconv apply: cancelled\n");
}

TEST(Program, StandardOutputThatCannotBeWrittenIsExitCode1) {
  EXPECT_EQ(shell("\"$TCONV\" size --input 4 --kernel 3 > /dev/full 2> /dev/null"), 1);
  EXPECT_EQ(shell("\"$TCONV\" size --input 4 --kernel 3 >&- 2> /dev/null"), 1);
  EXPECT_EQ(shell("\"$TCONV\" --help > /dev/full 2> /dev/null"), 1);
  // A reader that goes away early: longer than a pipe holds.
  const TempDir dir;
  const std::string code = (dir / "code").string();
  shell("{ \"$TCONV\" size --input 4 --kernel 3 --stride 1000000 --json 2> /dev/null; echo $? > '" + code +
        "'; } | head -c 10 > /dev/null");
  EXPECT_EQ(file_bytes(code), "1\n");
}

TEST(Names, SuggestsAllOfAFewAndTheNearestOfMany) {
  EXPECT_EQ(suggestion("pant", {"size", "paint"}), "known: size, paint");
  EXPECT_EQ(suggestion("pant", {}), "there are none");
  EXPECT_EQ(suggestion("pant", {"matrix", "phases", "size", "paint", "plan", "spent", "coverage", "gradients", "linked",
                                "overlap", "spectrum", "compare", "shuffle"}),
            "nearest: paint, plan, spent");
}

}  // namespace
}  // namespace tconv::test
