/* Links the library into a program without Rust's standard library: `proof ROOT.der LEAF.der SECONDS` ends with the verdict. */
#include <stdio.h>
#include <stdlib.h>

int portcullis_validate(const unsigned char *root, size_t root_length,
                        const unsigned char *leaf, size_t leaf_length,
                        long long seconds);

static size_t read_file(const char *path, unsigned char *into, size_t most) {
  FILE *file = fopen(path, "rb");
  size_t length = file ? fread(into, 1, most, file) : 0;
  if (file) fclose(file);
  return length;
}

int main(int count, char **arguments) {
  static unsigned char root[1 << 16], leaf[1 << 16];
  if (count != 4) return 3;
  size_t root_length = read_file(arguments[1], root, sizeof root);
  size_t leaf_length = read_file(arguments[2], leaf, sizeof leaf);
  return portcullis_validate(root, root_length, leaf, leaf_length, atoll(arguments[3]));
}
