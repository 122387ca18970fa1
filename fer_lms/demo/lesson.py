"""The lesson that the demonstration shows."""

TITLE = "Adding fractions"
SUMMARY = "Why 1/2 + 1/3 is not 2/5, and how to find out what it is."
MINUTES = 12
STEPS = [
    (
        "Sharing a bar",
        """Take a bar of chocolate with twelve pieces and cut it into two equal halves. Each half \
is 1/2 of the bar. How many pieces is that?

Now cut the same bar into three equal parts. Each part is 1/3 of the bar. How many pieces now?

The number under the line, the denominator, says into how many equal parts the whole was cut. \
The number above it, the numerator, says how many of these parts you have. Six pieces of twelve \
are 6/12, and that is the same amount as 1/2: two names for one size.""",
    ),
    (
        "Adding parts of the same size",
        """2/7 + 3/7 means two sevenths and three sevenths. Together they are five sevenths: 5/7.

It is like two apples and three apples. The denominator is the name of what you count, so it \
stays the same. You add only the numerators.

Try: 1/5 + 3/5. Then try 4/9 + 5/9, and say in one word how much that is.""",
    ),
    (
        "When the parts differ",
        """What is 1/2 + 1/3? Halves and thirds have different sizes, so they cannot be counted \
together yet. Adding the numbers above and the numbers below gives 2/5, and that cannot be right: \
2/5 is less than the 1/2 you started with.

Go back to the bar of twelve pieces. A half is 6 pieces, a third is 4 pieces. Together that is 10 \
pieces of 12: 10/12.

So the way is: find pieces that fit into both. For halves and thirds, sixths already fit: 1/2 is \
3/6 and 1/3 is 2/6. Together: 5/6. Is 5/6 the same as 10/12?

On paper: 1/4 + 1/6. Draw a bar first. Which pieces fit into both?""",
    ),
    (
        "Look back",
        """Three questions to take along:

Why does the denominator stay the same in 2/7 + 3/7?

Somebody writes 1/2 + 1/4 = 2/6. How can you tell without calculating that this is wrong?

Which two fractions with different denominators add up to exactly one whole? Find more than one \
pair.

If one of these is still unclear, that is worth saying: it shows where the lesson should be \
better.""",
    ),
]
