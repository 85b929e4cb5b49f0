print("module 1 is imported")


def module1_print():
    print("module 1 prints")
