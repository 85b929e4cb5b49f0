from random import randrange

text = ""
while text != "quit":
    text = input("Enter a text: ")
    for _ in range(randrange(1, 4)):
        print(text)
