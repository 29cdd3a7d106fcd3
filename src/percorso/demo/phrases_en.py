"""What the few who write English write, by topic: cores, and details that may follow. Written for this demo."""

CORES = {
    "late": (
        "My delivery was {days} late and nobody told me",
        "The parcel came {days} after the promised date",
        "{carrier} was {days} late again",
        "Waited {days} longer than promised for my coffee",
    ),
    "damaged": (
        "{product} arrived damaged",
        "The box was open and one item was missing",
        "You sent the wrong thing, I ordered {product}",
    ),
    "taste": (
        "{product} tasted burnt",
        "{product} is weak and has no aroma",
        "{product} was ground too coarse and came out watery",
    ),
    "price": (
        "The subscription got more expensive for the same coffee",
        "Too expensive after the price rise",
        "The new price is not fair to old customers",
    ),
    "slow_reply": (
        "It took forever to get an answer by e-mail",
        "The first reply came long after the promised time",
        "Hours without any reply from support",
    ),
    "not_solved": (
        "They said it was solved and it was not",
        "I had to explain the same problem three times",
        "Friendly agent but nothing was fixed",
        "Still waiting for my refund",
    ),
    "checkout": (
        "The site shows an error when I try to pay",
        "Payment keeps timing out, I cannot finish my order",
        "Checkout is broken since the last update",
    ),
    "bot": (
        "The bot repeats the same answer over and over",
        "I wanted a person and the chat bot would not let me",
    ),
    "phone_queue": (
        "{minutes} minutes on hold on the phone",
        "The phone queue is endless",
    ),
    "subscription": (
        "I could not find where to pause my subscription",
        "I skipped a delivery and was charged anyway",
    ),
    "fast": (
        "Arrived earlier than promised",
        "Very fast delivery by {carrier}",
        "Well packed and on time",
    ),
    "taste_good": (
        "{product} is wonderful, great aroma",
        "Best {product} I have had",
        "Fresh and balanced, love it",
    ),
    "support_good": (
        "{agent} was very kind and fixed it in minutes",
        "Great support, solved at once",
        "Quick and polite answer",
    ),
    "easy": (
        "Ordering in the app is so easy",
        "The subscription is handy, never out of coffee",
    ),
    "fair_price": (
        "Fair price for the quality",
        "Good value with the discount",
    ),
    "brand": (
        "I like that Brumora knows its growers",
        "I tell all my friends about Brumora",
    ),
    "fine": (
        "All fine",
        "As expected",
        "Good, could be better",
    ),
    "suggestion": (
        "Smaller bags of {product} would be nice",
        "Please let me choose the delivery day",
    ),
    "ask_delivery": (
        "Hi, where is my order {order}? It should be here by now",
        "Order {order} is marked as shipped but nothing came",
    ),
    "ask_product": (
        "Order {order} arrived with a damaged {product}, how do I exchange it?",
        "{product} is faulty, I want to return it",
    ),
    "ask_checkout": (
        "I cannot pay on the site, it says time out",
        "Checkout freezes after I enter my card, was I charged?",
    ),
    "ask_billing": (
        "I was charged twice this month, please refund",
        "Why did my subscription get more expensive?",
    ),
    "ask_subscription": (
        "I want to pause my subscription for a month",
        "How do I change the blend of my next box?",
        "Please change the delivery address of my subscription",
    ),
    "ask_account": (
        "I cannot sign in, the code never comes",
        "How do I change my e-mail address?",
    ),
    "ask_advice": (
        "Which coffee goes best with a moka pot?",
        "Which grind do I need for a French press?",
    ),
    "ask_invoice": (
        "I need an invoice for order {order} with our company name",
        "The company name on the invoice is wrong",
    ),
}
DETAILS = {
    "late": ("Tracking never moved.", "No explanation.", "I bought coffee at the corner shop instead."),
    "price": ("Thinking of cancelling.", "Loyal customers deserve a discount."),
    "slow_reply": ("I almost cancelled.", "It was a simple question."),
    "not_solved": ("Very frustrating.", "Still waiting."),
    "checkout": ("It worked in the app.", "I gave up."),
    "fast": ("Well packed.", "Will buy again."),
    "taste_good": ("The whole family loves it.", "Perfect crema."),
}
OPENINGS = {
    "negative": ("Unfortunately", "Disappointed:", "Honestly,"),
    "positive": ("Great!", "Well done!", "Wow,"),
    "neutral": ("Overall,", "Well,"),
}
CLOSINGS = {
    "negative": ("Not recommended.", "Expected more.", "Please reply."),
    "positive": ("Recommended!", "Thank you!", "❤️"),
    "neutral": ("Thanks.", "Cheers"),
    "ask": ("Thanks.", "Please help.", "Regards, {name}"),
}
SHORT = {"you": "u", "please": "pls", "because": "bc", "and": "&", "are": "r", "thanks": "thx"}
DAYS = ("day", "days")
SOMEONE = "someone in support"
