"""The demo: two clinics that do not exist, and two hundred patients that nobody is.

Data and the reasons for them; `bookings.demo.life` lets it all happen through the commands that people use.
"""
