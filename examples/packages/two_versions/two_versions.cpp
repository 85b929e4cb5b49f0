#include <troupe/package.hpp>

#include <string>

namespace two_versions {

// These are what the linker would merge between the two libraries: an inline variable, the static of a template and the
// static of an inline function.
inline std::string inline_version = TROUPE_PACKAGE_VERSION;
inline int inline_count = 0;

template <class T>
struct holder {
  static inline int count = 0;
};

inline int& function_count() {
  static int count = 0;
  return count;
}

class counter : public troupe::actor {
public:
  static void describe(troupe::class_builder<counter>& builder) {
    builder.doc("Counts in statics of its version of the package.")
      .on("count", &counter::count, "Adds one -> counted {version, inline, template, function}");
  }

private:
  troupe::reply count() {
    return {"counted", troupe::json{{"version", inline_version},
                                    {"inline", ++inline_count},
                                    {"template", ++holder<counter>::count},
                                    {"function", ++function_count()}}};
  }
};

} // namespace two_versions

TROUPE_PACKAGE(package) {
  package.add<two_versions::counter>("Counter");
}
