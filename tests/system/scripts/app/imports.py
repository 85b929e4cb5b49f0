from module1 import module1_print
from package.module2 import module2_print

print("local imports")
module1_print()
module2_print()
