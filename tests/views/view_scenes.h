#pragma once
// What the tests draw: documents of every kind, and what a person may be doing while looking at them.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "views/view.h"

namespace tconv::test {

struct NamedDocument {
  std::string name;
  Document document;
};

/// Legal and illegal layers of 1 to 3 dimensions, odd numbers, maps as large as images.
std::vector<NamedDocument> documents();
/// Legal layers that nobody chose, reproducible; see `RandomLayers`.
std::vector<NamedDocument> random_documents(int count);

/// A 2D document with K, S, P, OP and the input's size.
Document layer_document(const AxisSpec& axis, int dims = 2);

struct NamedInteraction {
  std::string name;
  Interaction interaction;
};

/// Steps and hovers that make sense for the scenario.
std::vector<NamedInteraction> interactions(const Scenario& scenario);

/// Something that draws, with the rooms in which it must look right.
struct Drawer {
  std::string id;
  Figure (*draw)(const ViewInput&);
  std::vector<Size> sizes;

  friend void PrintTo(const Drawer& drawer, std::ostream* out) { *out << drawer.id; }
};

/// All views, then the panels.
std::vector<Drawer> drawers();

const TextMetrics& metrics();

/// For a view, in points: in a large window, and in a small one.
inline constexpr Size large_room{1030, 830};
inline constexpr Size small_room{730, 696};

/// One picture; results are computed for the interaction's step.
Figure draw(Figure (*drawer)(const ViewInput&), const Document& document, const Interaction& interaction, Size size,
            const Theme& theme = dark_theme());

/// Draws what `documents` holds in every room of the drawer; steps, hovers and themes take turns, `all` draws every
/// combination.
void for_each_picture(const Drawer& drawer, const std::vector<NamedDocument>& documents, bool all,
                      const std::function<void(const std::string& name, const Figure&)>& use);

}  // namespace tconv::test
