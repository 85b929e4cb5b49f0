print("module 2 is imported")


def module2_print():
    print("module 2 prints")
