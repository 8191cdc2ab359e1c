"""Requests as a person would type them: made of templates, API descriptions and WordNet's nouns, so that they are nobody's text."""

import random
import re

NAMES = "Alice Bob Carlos Diana Emma Farid Grace Hiro Ivan Julia Kofi Lena Mei Nikhil Olga Paul Rosa Sam Tariq Yuki".split()
PLACES = ["Paris", "Tokyo", "New York", "Berlin", "Sydney", "São Paulo", "Lagos", "Toronto", "London", "Mumbai", "Cairo", "Rome",
          "Los Angeles", "Seoul", "Madrid", "Chicago", "Singapore", "Cape Town", "Dublin", "Mexico City", "San Francisco", "Bangkok"]
WHEN = ["tomorrow", "next week", "on Friday", "tonight", "this weekend", "on 2024-05-17", "from March 3rd to March 9th", "next month",
        "at 5 pm", "last year", "in 2023", "yesterday", "every Monday", "in the next 10 days", "since January", "in December"]
NUMBERS = ["3", "10", "25", "100", "500", "1,000", "2.5", "0.75", "42", "7", "15", "60", "$20", "$1,500", "50%", "5 kg", "12 km", "30 minutes",
           "20 degrees", "x = 4 and y = 9", "[1, 2, 3, 4]", "id 84213", "ABC-1234", "user@example.com", "https://example.com/a", "report.pdf"]

EVERYDAY = [
    "what's a good recipe with {food} and {food}?", "how many calories are in {food}?", "I'm allergic to {food}, what can I eat instead?",
    "order {food} for delivery {when}", "where can I buy fresh {food} in {city}?", "find a restaurant that serves {food} near {city}",
    "what will the weather be like in {city} {when}?", "is it going to rain in {city} {when}?", "book a flight from {city} to {city} {when}",
    "find a cheap hotel in {city} {when} for two people", "I'm planning a trip to {city} {when}, what should I see there?",
    "rent a car in {city} {when}", "what time is it in {city}?", "how far is it from {city} to {city}?", "directions from {city} to {place}",
    "show me apartments for rent in {city} under {number}", "what is the price of {artifact}?", "compare {artifact} and {artifact}",
    "I want to buy {artifact} as a gift for {name}, any suggestions?", "where is my order of {artifact}?", "find a discount for {artifact}",
    "recommend a film about {person} and {animal}", "play some music by {person}", "find books about {event}", "who wrote the book about {condition}?",
    "what are the latest news about {event} in {city}?", "find articles on {condition} and {substance}", "summarize this paper about {condition}",
    "translate '{food}' into French", "what does {word} mean?", "give me synonyms of {word}", "correct the grammar of this text about {animal}",
    "write a poem about {animal}", "write an email to {name} about {event}", "send a message to {name}: see you {when}",
    "remind me to call {name} {when}", "schedule a meeting with {name} {when}", "what is on my calendar {when}?", "create a todo list for {event}",
    "convert {number} to another unit", "calculate {number} times {number}", "what is the average of {number} and {number}?",
    "how much interest do I pay on a loan of {number} over {number} months?", "what is the exchange rate of the dollar to the euro?",
    "convert {number} dollars into yen", "what is the current stock price of {group}?", "should I invest in {group}?", "buy {number} shares of {group}",
    "draw a picture of {animal} in {place}", "make a chart of {money} by month", "generate an image of {artifact} with {plant}",
    "extract the text from this PDF about {condition}", "transcribe this video about {event}", "make a presentation on {condition}",
    "find a job as {person} in {city}", "write a resume for {person}", "how do I become {person}?", "practice interview questions for {person}",
    "what are the symptoms of {condition}?", "which medicine helps against {condition}?", "find a doctor in {city} for {condition}",
    "plan a workout for {number}", "how do I take care of {animal}?", "how do I grow {plant} in my garden?", "is {plant} poisonous for {animal}?",
    "who won the game between {group} and {group} {when}?", "what are the scores {when}?", "when does the next season start?",
    "find tickets for {event} in {city} {when}", "what events are happening in {city} {when}?", "turn on the lights in {room}",
    "set the temperature in {room} to {number}", "lock the door {when}", "what's the chemical formula of {substance}?", "explain {condition} to a child",
    "teach me about {event}", "quiz me on {animal} and {plant}", "solve the equation {number}", "what is the area of a circle with radius {number}?",
    "check the domain name {word}.com", "shorten this link https://example.com/{word}", "scan the site {word}.com for problems",
    "search the web for {artifact} reviews", "track my package {number}", "find the zip code of {city}", "look up the company behind {artifact}",
    "draft a contract for {act}", "what does the law say about {act} in {city}?", "tell me a joke about {person}", "start a game about {event}",
    "what is my horoscope for {when}?", "book a table for {number} {when}", "pay the bill of {number} to {name}", "transfer {number} from savings to {name}",
    "show me my last transactions {when}", "cancel my subscription to {communication}", "download {communication} as a file", "delete my account",
    "post a picture of {food} with the caption {word}", "how many followers does {name} have?", "find videos about {act}", "upload {communication} to the cloud",
    "list all files in the folder {word}", "run a query on the table {word}", "why does my program print {number}?", "review this code for {word}",
    "deploy the service {word} to {city}", "create a database named {word}", "open an issue about {word} in the repository", "restart the server {word}",
]
FRAMES = ["{r}", "{r}", "{r}", "please {r}", "Can you {r}", "could you {r} for me, please?", "I need to {r}", "I want to {r}", "I'd like to {r}. Thanks a lot!",
          "help me {r}", "how do I {r}?", "what is the best way to {r}?", "Is there a way to {r}?", "My friend {name} asked me to {r}.",
          "{r} {when}", "{r} for {name}", "{r} with {number}", "{r}, named {word}", "show me how to {r}", "I'm in {city} and have to {r} {when}."]
ROOMS = ["the kitchen", "the living room", "the bedroom", "the garage", "my office", "the bathroom"]
SLOT = re.compile(r"\{(\w+)\}")


def imperative(description: str) -> str:
    """`Creates a new bucket.` as `create a new bucket`; other sentences without their capital and full stop."""
    sentence = re.split(r"(?<=[.!?])\s", description, maxsplit=1)[0].rstrip(".")
    head = sentence.split(" ", 1)
    verb = head[0].lower()
    if len(head) == 2 and re.fullmatch(r"[a-z]{3,}[^s]s", verb):
        verb = re.sub(r"ies$", "y", verb) if verb.endswith("ies") else re.sub(r"(?<=sh|ch|ss)es$|s$", "", verb)
    return f"{verb} {head[1]}" if len(head) == 2 else verb


class Requests:
    def __init__(self, nouns: dict[str, list[str]], actions: list[str], seed: int) -> None:
        self.random = random.Random(seed)
        self.slots = {**nouns, "name": NAMES, "city": PLACES, "when": WHEN, "number": NUMBERS, "room": ROOMS}
        self.slots["word"] = [w for s in ("artifact", "communication", "act") for w in nouns[s] if " " not in w]
        self.actions = [a for a in actions if 8 < len(a) < 160]

    def fill(self, template: str) -> str:
        return SLOT.sub(lambda m: self.random.choice(self.slots[m.group(1)]), template)

    def one(self) -> str:
        pick = self.random.random()
        if pick < 0.45:
            return self.fill(self.random.choice(EVERYDAY))
        framed = self.fill(self.random.choice(FRAMES).replace("{r}", "\0")).replace("\0", self.random.choice(self.actions))
        if pick > 0.9:
            other = self.random.choice(self.actions) if pick > 0.95 else self.fill(self.random.choice(EVERYDAY))
            return f"{framed.rstrip('.?')}. {self.random.choice(['Then', 'After that,', 'Also,', 'Finally,'])} {other}"
        return framed

    def many(self, count: int) -> list[str]:
        return [self.one() for _ in range(count)]
