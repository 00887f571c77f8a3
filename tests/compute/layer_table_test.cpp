#include "compute/layer_table.h"

#include <gtest/gtest.h>

#include "files/file_error.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

const std::string columns = "name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D\n";

TEST(LayerTable, ReadsEveryColumn) {
  const auto layers = parse_layer_table(columns + "a,2,4,6,2,7,9,3,2,1,1,4\n", "a.csv");
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_EQ(layers[0].name, "a");
  LayerSpec layer;
  layer.batch = 2;
  layer.in_channels = 4;
  layer.out_channels = 6;
  layer.groups = 2;
  for (AxisSpec& axis : layer.spatial()) {
    axis = {.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1, .dilation = 4};
  }
  layer.axes[0].input = 7;
  layer.axes[1].input = 9;
  EXPECT_EQ(layers[0].layer, layer);
}

TEST(LayerTable, CommentsBlanksAndTheOrderOfColumnsDoNotMatter) {
  const auto layers = parse_layer_table(
      "\xef\xbb\xbf# a list\r\n\r\n D,OP,P,S,K,Win,Hin,groups,Cout,Cin,N,name\r\n  # more\r\n1,0,0,2, 3,5,4,1,1,1 ,1,  "
      "b c \r\n",
      "a.csv");
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_EQ(layers[0].name, "b c");
  EXPECT_EQ(layers[0].layer.axes[0].input, 4);
  EXPECT_EQ(layers[0].layer.axes[1].input, 5);
  EXPECT_EQ(layers[0].layer.axes[1].kernel, 3);
  const auto foreign =
      parse_layer_table("# \"a\"\n" + columns + "\xc3\xa9\xe2\x82\xac,1,1,1,1,3,3,3,1,0,0,1\n", "a.csv");
  EXPECT_EQ(foreign.at(0).name, "\xc3\xa9\xe2\x82\xac");
  EXPECT_TRUE(parse_layer_table(columns, "a.csv").empty());
}

TEST(LayerTable, NamesFileLineColumnRuleAndNearestLegalValue) {
  const auto refuse = [](const std::string& text, const std::string& words) {
    try {
      parse_layer_table(text, "a.csv", {.elements = 1'000'000});
      ADD_FAILURE() << "taken: " << text;
    } catch (const FileError& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, words.size()), words) << error.what();
    }
  };
  const auto refuse_row = [&](const std::string& row, const std::string& words) {
    refuse(columns + "# first\n" + row + "\n", "a.csv: line 3" + words);
  };
  refuse("", "a.csv: is empty; its first line names the columns: name,N,");
  refuse("# nothing\n", "a.csv: is empty");
  refuse("a,1,1,1,1,3,3,3,1,0,0,1\n", "a.csv: line 1: there is no column 'a'; the first line must be name,N,");
  refuse("name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP\n", "a.csv: line 1, column 'D': is missing");
  refuse("name,N,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D\n", "a.csv: line 1, column 'N': is there twice");
  refuse_row("a,1,1", ": must have 12 columns, found 3");
  refuse_row("a,1,1,1,1,3,3,3,1,0,0,1,", ": must have 12 columns, found 13");
  refuse_row(",1,1,1,1,3,3,3,1,0,0,1", ", column 'name': must not be empty");
  refuse_row("a\x1b[2J,1,1,1,1,3,3,3,1,0,0,1", ", column 'name': must not hold control characters, found 'a\\x1b[2J'");
  refuse_row(std::string("a\0b", 3) + ",1,1,1,1,3,3,3,1,0,0,1", ", column 'name': must not hold control characters");
  refuse_row("a\tb,1,1,1,1,3,3,3,1,0,0,1", ", column 'name': must not hold control characters");
  refuse_row("a\x7f,1,1,1,1,3,3,3,1,0,0,1", ", column 'name': must not hold control characters");
  refuse_row("a\xc2\x9b,1,1,1,1,3,3,3,1,0,0,1", ", column 'name': must not hold control characters");
  refuse_row("\"a,b\",1,1,1,1,3,3,3,1,0,0,1",
             ": quotes are not known here; cells stand bare, and names have no commas");
  refuse_row("a,\"1\",1,1,1,3,3,3,1,0,0,1", ": quotes are not known here");
  refuse("\"name\",N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D\n", "a.csv: line 1: quotes are not known here");
  refuse_row("a,x,1,1,1,3,3,3,1,0,0,1", ", column 'N': must be a whole number within 64 bits, found 'x'");
  refuse_row("a,1,,1,1,3,3,3,1,0,0,1", ", column 'Cin': must be a whole number within 64 bits, found ''");
  refuse_row("a,1,1,1.5,1,3,3,3,1,0,0,1", ", column 'Cout': must be a whole number within 64 bits, found '1.5'");
  refuse_row("a,1,1,1,1,3,99999999999999999999,3,1,0,0,1", ", column 'Win': must be a whole number within 64 bits");
  refuse_row("a,1,1,1,1,0,3,3,1,0,0,1", ", column 'Hin': must be at least 1, found 0; nearest legal value: 1");
  refuse_row("a,1,1,1,1,3,-1,3,1,0,0,1", ", column 'Win': must be at least 1, found -1; nearest legal value: 1");
  refuse_row("a,1,1,1,1,3,3,3,0,0,0,1", ", column 'S': must be at least 1, found 0; nearest legal value: 1");
  refuse_row("a,1,1,1,1,3,3,3,2,-1,0,1", ", column 'P': must be at least 0, found -1; nearest legal value: 0");
  refuse_row("a,1,1,1,1,3,3,3,2,4,0,1", ", column 'P': crops away the whole output");
  refuse_row("a,1,1,1,1,3,3,3,2,0,2,1", ", column 'OP': must be less than max(stride, dilation) = 2, found 2; nearest");
  refuse_row("a,1,1,1,1,3,3,3,2,0,0,0", ", column 'D': must be at least 1, found 0; nearest legal value: 1");
  refuse_row("a,1,4,6,3,3,3,3,2,0,0,1",
             ", column 'groups': must divide in_channels and out_channels, found 3 for 4 and 6");
  refuse_row("a,0,4,6,2,3,3,3,2,0,0,1", ", column 'N': must be at least 1, found 0");
  refuse_row("a,1,1,1,1,2000,2000,3,1,0,0,1", ": input: may have at most 1000000 elements");
  refuse(columns + "a,1,1,1,1,3,3,3,1,0,0,1\nb,1,1,1,1,3,3,3,1,0,0,1\na,1,1,1,1,3,3,3,1,0,0,1\n",
         "a.csv: line 4, column 'name': 'a' is there twice");
}

TEST(LayerTable, ReadsFiles) {
  const TempDir dir;
  EXPECT_EQ(read_layer_table(dir.write("a.csv", columns + "a,1,1,1,1,3,3,3,1,0,0,1")).size(), 1U);
  EXPECT_THROW(read_layer_table(dir / "missing.csv"), FileError);
  EXPECT_THROW(read_layer_table(dir.write("large.csv", std::string(2'000'000, '\n'))), FileError);
}

}  // namespace
}  // namespace tconv
