#pragma once

#include "figure/figure.h"
#include "figure/text_metrics.h"

namespace tconv::test {

inline const TextMetrics& metrics() {
  static const TextMetrics text;
  return text;
}

/// Nothing but ground, in points.
inline Figure blank(double w, double h) {
  Figure figure;
  figure.size = {w, h};
  figure.background = rgb(0x102030);
  return figure;
}

}  // namespace tconv::test
