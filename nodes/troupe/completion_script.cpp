#include "nodes/troupe/completion_script.hpp"

#include <algorithm>
#include <functional>

namespace troupe::cli {

namespace {

using visitor = std::function<void(const std::string& path, const command_node&)>;

/// The path of the root is empty, that of `tasks show` is `/tasks/show`.
void visit(const command_node& node, const std::string& path, const visitor& on_node) {
  on_node(path, node);
  for (const auto& child : node.children) {
    visit(child, path + "/" + child.name, on_node);
  }
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    out += letter == '\'' ? std::string{"'\\''"} : std::string{letter};
  }
  return out + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const auto& word : words) {
    out += out.empty() ? word : std::string{between} + word;
  }
  return out;
}

std::vector<std::string> child_names(const command_node& node) {
  std::vector<std::string> names;
  for (const auto& child : node.children) {
    names.push_back(child.name);
  }
  return names;
}

/// A pattern of all paths of commands, for `case` in bash and zsh.
std::string all_paths(const command_node& root) {
  std::vector<std::string> paths;
  visit(root, {}, [&](const std::string& path, const command_node&) {
    if (!path.empty()) {
      paths.push_back(path);
    }
  });
  return joined(paths, "|");
}

std::string bash_script(const command_node& root) {
  std::string text = "# bash completion for troupe\n"
                     "_troupe() {\n"
                     "  local cur=${COMP_WORDS[COMP_CWORD]} where= commands= options= i\n"
                     "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                     "    case \"$where/${COMP_WORDS[i]}\" in\n"
                     "      " +
                     all_paths(root) +
                     ") where=$where/${COMP_WORDS[i]} ;;\n"
                     "    esac\n"
                     "  done\n"
                     "  case \"$where\" in\n";
  visit(root, {}, [&](const std::string& path, const command_node& node) {
    text += "    " + shell_quoted(path) + ") commands=" + shell_quoted(joined(child_names(node), " ")) +
            " options=" + shell_quoted(joined(node.options, " ")) + " ;;\n";
  });
  text += "  esac\n"
          "  if [[ $cur == -* ]]; then\n"
          "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
          "  else\n"
          "    COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\"))\n"
          "  fi\n"
          "}\n"
          "complete -o default -F _troupe troupe\n";
  return text;
}

std::string zsh_script(const command_node& root) {
  std::string text = "#compdef troupe\n"
                     "_troupe() {\n"
                     "  local where= word\n"
                     "  local -a commands options\n"
                     "  for word in ${words[2,CURRENT-1]}; do\n"
                     "    case \"$where/$word\" in\n"
                     "      (" +
                     all_paths(root) +
                     ") where=$where/$word ;;\n"
                     "    esac\n"
                     "  done\n"
                     "  case \"$where\" in\n";
  visit(root, {}, [&](const std::string& path, const command_node& node) {
    text += "    (" + shell_quoted(path) + ")\n      commands=(";
    for (const auto& child : node.children) {
      text += "\n        " + shell_quoted(child.name + ":" + child.description);
    }
    text += ")\n      options=(" + joined(node.options, " ") + ") ;;\n";
  });
  text += "  esac\n"
          "  if [[ ${words[CURRENT]} == -* ]]; then\n"
          "    compadd -- $options\n"
          "  elif (( ${#commands} )); then\n"
          "    _describe command commands\n"
          "  else\n"
          "    _files\n"
          "  fi\n"
          "}\n"
          "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
          "  _troupe \"$@\"\n"
          "else\n"
          "  compdef _troupe troupe\n"
          "fi\n";
  return text;
}

/// The condition that the line has got to `path`.
std::string fish_condition(const std::string& path, const command_node& node) {
  if (path.empty()) {
    return "__fish_use_subcommand";
  }
  std::string condition;
  for (std::size_t begin = 1; begin < path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    condition += (condition.empty() ? "" : "; and ") + std::string{"__fish_seen_subcommand_from "} +
                 path.substr(begin, end - begin);
    begin = end + 1;
  }
  const auto names = child_names(node);
  return names.empty() ? condition : condition + "; and not __fish_seen_subcommand_from " + joined(names, " ");
}

std::string fish_script(const command_node& root) {
  std::string text = "# fish completion for troupe\n";
  visit(root, {}, [&](const std::string& path, const command_node& node) {
    const auto condition = shell_quoted(fish_condition(path, node));
    for (const auto& child : node.children) {
      text += "complete -c troupe -f -n " + condition + " -a " + child.name + " -d " + shell_quoted(child.description) + "\n";
    }
    for (const auto& option : node.options) {
      text += "complete -c troupe -n " + condition + " -l " + option.substr(2) + "\n";
    }
  });
  return text;
}

} // namespace

std::string completion_script(std::string_view shell, const command_node& root) {
  return shell == "zsh" ? zsh_script(root) : shell == "fish" ? fish_script(root) : bash_script(root);
}

} // namespace troupe::cli
