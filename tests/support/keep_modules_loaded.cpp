// Only in builds with the address sanitizer. A graphics driver that is unloaded before the leak check leaves one block
// that nothing points to any more, and a stack trace without names, which no suppression can match. So no module is
// unloaded: the pointers stay, and what is left to report is this project's own.
extern "C" int dlclose(void* /*handle*/) { return 0; }
