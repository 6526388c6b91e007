/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-pickle-private.h"

/* Which classes and functions a pickle may name, and what a call of them means. */

static const struct
{
  const char *module;
  const char *name; /* "*": any */
  CytGlobal global;
} known[] = {
  { "torch._utils", "_rebuild_tensor", CYT_GLOBAL_REBUILD_TENSOR },
  { "torch._utils", "_rebuild_tensor_v2", CYT_GLOBAL_REBUILD_TENSOR },
  { "torch._utils", "_rebuild_tensor_v3", CYT_GLOBAL_REBUILD_TENSOR_V3 },
  { "torch._utils", "_rebuild_parameter", CYT_GLOBAL_REBUILD_PARAMETER },
  { "torch._utils", "_rebuild_parameter_with_state", CYT_GLOBAL_REBUILD_PARAMETER },
  { "torch._tensor", "_rebuild_from_type", CYT_GLOBAL_REBUILD_FROM_TYPE },
  { "torch._tensor", "_rebuild_from_type_v2", CYT_GLOBAL_REBUILD_FROM_TYPE },
  { "torch.tensor", "_rebuild_from_type", CYT_GLOBAL_REBUILD_FROM_TYPE },
  { "torch", "Size", CYT_GLOBAL_SIZE },
  { "torch", "device", CYT_GLOBAL_DEVICE },
  { "torch.serialization", "_get_layout", CYT_GLOBAL_RECORD },
  { "collections", "OrderedDict", CYT_GLOBAL_DICT },
  { "collections", "Counter", CYT_GLOBAL_DICT },
  { "collections", "defaultdict", CYT_GLOBAL_DEFAULTDICT },
  { "collections", "deque", CYT_GLOBAL_LIST },
  { "collections.abc", "*", CYT_GLOBAL_NAMED },
  { "builtins", "dict", CYT_GLOBAL_DICT },
  { "builtins", "list", CYT_GLOBAL_LIST },
  { "builtins", "set", CYT_GLOBAL_LIST },
  { "builtins", "frozenset", CYT_GLOBAL_LIST },
  { "builtins", "tuple", CYT_GLOBAL_TUPLE },
  { "builtins", "bytes", CYT_GLOBAL_BYTES },
  { "builtins", "bytearray", CYT_GLOBAL_BYTES },
  { "builtins", "complex", CYT_GLOBAL_RECORD },
  { "builtins", "slice", CYT_GLOBAL_RECORD },
  { "builtins", "range", CYT_GLOBAL_RECORD },
  { "builtins", "object", CYT_GLOBAL_RECORD },
  { "builtins", "int", CYT_GLOBAL_NAMED },
  { "builtins", "float", CYT_GLOBAL_NAMED },
  { "builtins", "bool", CYT_GLOBAL_NAMED },
  { "builtins", "str", CYT_GLOBAL_NAMED },
  { "builtins", "type", CYT_GLOBAL_NAMED },
  { "builtins", "NoneType", CYT_GLOBAL_NAMED },
  { "builtins", "Ellipsis", CYT_GLOBAL_NAMED },
  { "builtins", "NotImplemented", CYT_GLOBAL_NAMED },
  { "builtins", "getattr", CYT_GLOBAL_GETATTR },
  { "_codecs", "encode", CYT_GLOBAL_ENCODE },
  { "copyreg", "_reconstructor", CYT_GLOBAL_RECONSTRUCTOR },
  { "pathlib", "*", CYT_GLOBAL_PATH },
  { "pathlib._local", "*", CYT_GLOBAL_PATH },
  { "datetime", "*", CYT_GLOBAL_RECORD },
  { "decimal", "Decimal", CYT_GLOBAL_RECORD },
  { "fractions", "Fraction", CYT_GLOBAL_RECORD },
  { "uuid", "UUID", CYT_GLOBAL_RECORD },
  { "argparse", "Namespace", CYT_GLOBAL_RECORD },
  { "types", "SimpleNamespace", CYT_GLOBAL_RECORD },
  { "functools", "partial", CYT_GLOBAL_RECORD },
  { "re", "_compile", CYT_GLOBAL_RECORD },
  { "typing", "*", CYT_GLOBAL_NAMED },
  { "math", "*", CYT_GLOBAL_NAMED },
  { "numbers", "*", CYT_GLOBAL_NAMED },
  { "numpy", "dtype", CYT_GLOBAL_RECORD },
  { "numpy.core.multiarray", "scalar", CYT_GLOBAL_NUMPY_SCALAR },
  { "numpy._core.multiarray", "scalar", CYT_GLOBAL_NUMPY_SCALAR },
  { "numpy.core.multiarray", "_reconstruct", CYT_GLOBAL_NUMPY_RECONSTRUCT },
  { "numpy._core.multiarray", "_reconstruct", CYT_GLOBAL_NUMPY_RECONSTRUCT },
  { "numpy.core.numeric", "_frombuffer", CYT_GLOBAL_NUMPY_FROMBUFFER },
  { "numpy._core.numeric", "_frombuffer", CYT_GLOBAL_NUMPY_FROMBUFFER },
};

/* Modules of Python's standard library, 2.7 to 3.13: those with a dot are packages, and stand for their
 * submodules too. What they hold can start programs, open files and sockets or run code, so that nothing of
 * them is taken but what is known above. */
static const char *const standard_modules[] = {
  "Bastion", "StringIO", "__builtin__", "_aix_support", "_asyncio", "_bootsubprocess", "_codecs",
  "_compat_pickle", "_ctypes", "_frozen_importlib", "_frozen_importlib_external", "_functools", "_imp", "_io",
  "_multiprocessing", "_operator", "_os", "_osx_support", "_pickle", "_posixshmem", "_posixsubprocess", "_pyio",
  "_signal", "_sitebuiltins", "_socket", "_sqlite3", "_ssl", "_subprocess", "_thread", "_winapi", "_winreg",
  "abc", "aifc", "argparse", "array", "ast", "asynchat", "asyncio.", "asyncore", "atexit", "audioop", "base64",
  "bdb", "binascii", "binhex", "bisect", "builtins", "bz2", "cPickle", "cProfile", "cStringIO", "calendar",
  "cgi", "cgitb", "chunk", "cmath", "cmd", "code", "codecs", "codeop", "collections.", "colorsys", "commands",
  "compileall", "concurrent.", "configparser", "contextlib", "contextvars", "copy", "copy_reg", "copyreg",
  "crypt", "csv", "ctypes.", "curses.", "dataclasses", "datetime", "dbm.", "decimal", "difflib", "dis",
  "distutils.", "dl", "doctest", "email.", "encodings.", "ensurepip.", "enum", "errno", "exceptions",
  "faulthandler", "fcntl", "filecmp", "fileinput", "fnmatch", "fractions", "ftplib", "functools", "gc",
  "genericpath", "getopt", "getpass", "gettext", "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac",
  "html.", "http.", "httplib", "idlelib", "ihooks", "imaplib", "imghdr", "imp", "importlib.", "inspect", "io",
  "ipaddress", "itertools", "json.", "keyword", "lib2to3.", "linecache", "locale", "logging.", "lzma",
  "mailbox", "mailcap", "marshal", "math", "mimetypes", "mmap", "modulefinder", "msilib", "msvcrt",
  "multiprocessing.", "netrc", "new", "nis", "nntplib", "nt", "ntpath", "nturl2path", "numbers", "opcode",
  "operator", "optparse", "os.", "ossaudiodev", "pathlib.", "pdb", "pickle", "pickletools", "pipes", "pkgutil",
  "platform", "plistlib", "popen2", "poplib", "posix", "posixfile", "pprint", "profile", "pstats", "pty", "pwd",
  "py_compile", "pyclbr", "pydoc", "pydoc_data.", "pyexpat", "queue", "quopri", "random", "re.", "readline",
  "reprlib", "resource", "rexec", "rlcompleter", "runpy", "sched", "secrets", "select", "selectors", "shelve",
  "shlex", "shutil", "signal", "site", "smtpd", "smtplib", "sndhdr", "socket", "socketserver", "spwd",
  "sqlite3.", "sre_compile", "sre_constants", "sre_parse", "ssl", "stat", "statistics", "string", "stringprep",
  "struct", "subprocess", "sunau", "symtable", "sys", "sysconfig.", "syslog", "tabnanny", "tarfile",
  "telnetlib", "tempfile", "termios", "textwrap", "thread", "threading", "time", "timeit", "tkinter", "token",
  "tokenize", "tomllib.", "trace", "traceback", "tracemalloc", "tty", "turtle", "turtledemo", "types", "typing",
  "unicodedata", "unittest.", "urllib.", "urllib2", "uu", "uuid", "venv.", "warnings", "wave", "weakref",
  "webbrowser", "winreg", "winsound", "wsgiref.", "xdrlib", "xml.", "xmlrpc.", "zipapp", "zipfile", "zipimport",
  "zlib", "zoneinfo.",
};

/* Protocols up to 2 write the names of Python 2. */
static const char *const old_names[][4] = {
  { "__builtin__", "long", "builtins", "int" },
  { "__builtin__", "unicode", "builtins", "str" },
  { "__builtin__", "xrange", "builtins", "range" },
  { "__builtin__", NULL, "builtins", NULL },
  { "copy_reg", NULL, "copyreg", NULL },
};

static void
modernize (char **module, char **name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (old_names); i++)
    if (strcmp (*module, old_names[i][0]) == 0 && (old_names[i][1] == NULL || strcmp (*name, old_names[i][1]) == 0))
      {
        g_free (*module);
        *module = g_strdup (old_names[i][2]);
        if (old_names[i][3] != NULL)
          {
            g_free (*name);
            *name = g_strdup (old_names[i][3]);
          }
        return;
      }
}

/* Whether the dotted @name lies in a module of the standard library. */
static gboolean
is_standard (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (standard_modules); i++)
    {
      gsize n = strlen (standard_modules[i]);
      gboolean package = standard_modules[i][n - 1] == '.';

      n -= package;
      if (strncmp (name, standard_modules[i], n) == 0 && (name[n] == '\0' || (package && name[n] == '.')))
        return TRUE;
    }
  return FALSE;
}

/* Whether a class of @module, or anything on the way to it ("os" in "os.system"), is of the standard library. */
static gboolean
reaches_standard (const char *module, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", -1);

  for (gsize i = 0; parts[i] != NULL && parts[i + 1] != NULL; i++)
    if (is_standard (parts[i]))
      return TRUE;
  return is_standard (module);
}

static CytGlobal
find_known (const char *module, const char *name)
{
  gsize n = strlen (name);

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (module, known[i].module) == 0 &&
        (strcmp (name, known[i].name) == 0 || (known[i].name[0] == '*' && strchr (name, '.') == NULL)))
      return known[i].global;
  if ((strcmp (module, "torch") == 0 || strcmp (module, "torch.cuda") == 0 || strcmp (module, "torch.storage") == 0) &&
      n > 7 && strcmp (name + n - 7, "Storage") == 0)
    return CYT_GLOBAL_STORAGE;
  return CYT_GLOBAL_UNKNOWN;
}

/* Names are printable, so that they can be shown and compared. */
static gboolean
is_name (const char *text, gsize n)
{
  if (n == 0 || n > CYT_PICKLE_MAX_NAME || !g_utf8_validate (text, n, NULL))
    return FALSE;
  for (const char *p = text; p < text + n; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

CytValue *
cyt_pickle_find_global (CytPickle *self, const char *module_text, gsize n_module, const char *name_text, gsize n_name,
                        GError **error)
{
  g_autofree char *module = NULL;
  g_autofree char *name = NULL;
  CytGlobal global;
  CytValue *value;

  if (!is_name (module_text, n_module) || !is_name (name_text, n_name))
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a class whose name is no name");
      return NULL;
    }
  module = g_strndup (module_text, n_module);
  name = g_strndup (name_text, n_name);
  modernize (&module, &name);
  global = find_known (module, name);
  if (global == CYT_GLOBAL_UNKNOWN && reaches_standard (module, name))
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                            "imports %s.%s, which no checkpoint needs; it was not run", module, name);
      return NULL;
    }
  value = cyt_value_new_global (self->pool, g_strconcat (module, ".", name, NULL), strlen (module) + 1);
  value->detail = global;
  return value;
}
