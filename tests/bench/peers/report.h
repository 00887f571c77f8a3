#pragma once
// The figures of the benchmark against peers, as CSV and as a table for people.

#include <iosfwd>
#include <map>

#include "compute/timing.h"
#include "kernels/machine_limits.h"
#include "peers/contender.h"

namespace tconv::bench {

struct Row {
  std::string layer;
  std::string method;
  std::string how;     ///< see Contender
  bool plain = false;  ///< see Contender
  int threads = 1;
  Timing timing;
  double operations = 0;
  Error error;
};

inline constexpr const char* csv_header =
    "layer,method,threads,median_ms,min_ms,repetitions,gflops,error_rms,error_max";
void print_csv(std::ostream& out, const Row& row);

/// How many times as fast as the best peer a layer is meant to be. A gradient: as fast.
struct Target {
  double own = 1;    ///< the peer in the layout that it likes best
  double plain = 1;  ///< the peer from and to plain arrays
};
Target target_of(const LayerSpec& layer, Direction direction);

/// A row for each layer and number of threads in Markdown, `fast` beside the best peer; those that miss their target
/// are marked. `limits`: by number of threads.
void print_table(std::ostream& out, const std::vector<NamedLayer>& layers, Direction direction,
                 const std::vector<Row>& rows, const std::map<int, MachineLimits>& limits);

}  // namespace tconv::bench
