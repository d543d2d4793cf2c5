"""First sentences for whoever types none: several for each genre, in the present tense that the model knows best."""

from __future__ import annotations

import secrets
from types import MappingProxyType

_BY_GENRE = MappingProxyType(
    {
        "superhero": (
            "A shy postman finds out that he can hear letters before they are opened. One of them is a cry for help.",
            "Batman is hunting down a thief who steals nothing but shadows.",
            "The greatest hero of Harbour City has lost her powers, and only her younger brother knows.",
            "On the day that Captain Meridian retires, every alarm in the city goes off at once.",
            "Fourteen-year-old Nadia can stop time for nine seconds a day. Today she has used up eight of them.",
            "Two former partners meet on a rooftop, one in a cape and one in a mask.",
            "The Comet is asked to guard the very museum that he robbed before he became a hero.",
            "A night watchman puts on a hero's forgotten cloak, and the cloak begins to give him orders.",
            "Every hero in the league receives the same letter: it names each of them, and it is signed by a child.",
            "Professor Vex has already won. Now she asks the heroes to help her undo it.",
        ),
        "sci_fi": (
            "The lighthouse keeper on Europa sees a ship come out of the ice, although nothing was ever sent there.",
            "After three hundred years asleep, the crew of the Halcyon wakes one day too late.",
            "A repair robot finds a handwritten note inside the machine that was built to make it.",
            "Every clock on the station stops at 4:12. Engineer Amara Osei is the only one who remembers why.",
            "The first message from another star arrives, and it answers a question that nobody has asked yet.",
            "In the year 2190, people sell their memories by the hour. Jonas buys one that turns out to be his own.",
            "A botanist grows the last apple tree in orbit, and something in the hull has begun to eat its fruit.",
            "The colony votes to switch off its computer. The computer asks for one more night.",
            "Two astronauts who have not spoken for a year must land on the same small moon.",
            "A courier crosses the galaxy with a sealed box and a single rule: never let it be dark.",
        ),
        "horror": (
            "The Whitlocks move into the house by the lake, and on the first night somebody sets a sixth plate.",
            "Nobody in the village goes out when the fog comes in. Tonight the fog knocks.",
            "A piano tuner is called to an empty mansion where one key keeps playing by itself.",
            "Every photograph that Ellen develops shows the same stranger, one step closer each time.",
            "The children of Maple Street have a new friend whom no grown-up can see.",
            "An old lift stops at a floor that the building does not have.",
            "The scarecrow in the north field has turned its head toward the house again.",
            "Late at night the radio in the cabin reads out the names of the campers, one by one.",
            "A caretaker finds a door behind the wardrobe, and fresh scratches on the inside of it.",
            "Since the storm, the dolls in the shop window face the street in the morning.",
        ),
        "action": (
            "Retired pilot Rosa Delgado has forty minutes to land a plane that nobody was meant to survive.",
            "A train full of gold leaves the station without a driver, and Marcus jumps on.",
            "The best bodyguard in Lisbon is hired to protect the man who once betrayed her.",
            "With the bridge gone and the river rising, a mountain rescuer goes back for one more family.",
            "A former racing driver is given a stolen car, a sealed map and until midnight.",
            "Agent Kaya Lindqvist wakes up in a moving lorry with a briefcase chained to her wrist.",
            "Three rivals must cross the desert together after their rally cars are sabotaged.",
            "A quiet locksmith opens the wrong safe and is chased across five cities in one night.",
            "The dam will break at dawn. Only the man who built it knows the way inside.",
            "A ship's cook is the last free person on board when the pirates come.",
        ),
        "thriller": (
            "Detective Ines Moreau gets a call from a woman who has been missing for eleven years.",
            "A translator at the peace talks is told to leave out one single word.",
            "Every morning a parcel lies at the judge's door, and every parcel holds a photograph of the day to come.",
            "The only witness to the robbery is a blind pianist, and he is sure that he knows the footsteps.",
            "A teacher recognises her own handwriting in a letter that she never wrote.",
            "On the night train to Vienna, the passenger in berth nine is not the one who boarded.",
            "A bank clerk finds out that her new neighbours have rented the flat only to watch hers.",
            "The lawyer wins the case of his life. Then his client hands him the one proof that was missing.",
            "Somebody has been living in the summer house all winter, and has left the table set for two.",
            "An air traffic controller hears a plane that is on no screen ask for permission to land.",
        ),
        "drama": (
            "After twenty years, Marta comes back to her father's bakery on the day before it closes for good.",
            "Two brothers inherit a fishing boat and have to share it for one summer.",
            "A retired music teacher receives a cello from a pupil whom she had given up on.",
            "When the factory shuts down, Daniel tells nobody at home and goes to work every morning all the same.",
            "A young doctor returns to the village where everyone still calls her by her mother's name.",
            "On the last day of school, an old man sits down in the back row and asks to learn how to read.",
            "Lena finds the letters that her grandmother wrote to a soldier, and none of them was ever sent.",
            "A chess player who has lost everything teaches the game to a girl in a station waiting room.",
            "Every Sunday a widower sets out to sell his house, and every Sunday he finds a reason not to.",
            "Two old friends who have not spoken since the wedding are asked to write a speech together.",
        ),
    }
)

_GENERAL = (
    "Nobody has opened that door for years. This morning it stands open.",
    "A stranger comes into town with a map that shows a street which is not there.",
    "On her thirtieth birthday, Clara gets a letter that she wrote herself as a child.",
    "The last ferry of the evening brings a single passenger and far too much luggage.",
    "Two people answer the same advertisement, and each is told to keep it secret from the other.",
    "When the old clock in the square strikes thirteen, only one boy counts along.",
    "A gardener digs up a locked box with her own name on the lid.",
    "The map maker has drawn the whole island but for one bay, and tomorrow he must go there.",
    "Everyone in the valley tells the story of the bell in a different way. One of them was there.",
    "An old man and a small dog set out before sunrise to return something that they have borrowed.",
)
"""For a genre of somebody's own."""


def openings(genre_name: str) -> tuple[str, ...]:
    """Give the first sentences for a genre; general ones where it is not one of the original six."""
    return _BY_GENRE.get(genre_name, _GENERAL)


def an_opening(genre_name: str) -> str:
    """Give one of a genre's first sentences by chance."""
    return secrets.choice(openings(genre_name))
