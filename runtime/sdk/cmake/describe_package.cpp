// Prints what a package library says about itself, as JSON, for its manifest.
#include <dlfcn.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: troupe_describe_package LIBRARY\n");
    return 2;
  }
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "cannot load the package library: %s\n", dlerror());
    return 1;
  }
  auto describe = reinterpret_cast<const char* (*)()>(dlsym(library, "troupe_package_describe"));
  if (describe == nullptr) {
    std::fprintf(
      stderr, "%s registers no classes: write TROUPE_PACKAGE(package) { package.add<...>(\"...\"); } in one source\n",
      argv[1]);
    return 1;
  }
  const char* text = describe();
  if (text == nullptr) {
    std::fprintf(stderr, "%s: making the table of classes threw an exception\n", argv[1]);
    return 1;
  }
  std::puts(text);
  return 0;
}
