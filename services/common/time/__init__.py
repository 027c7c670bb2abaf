"""Time as people at a centre live it.

================= =================================================================
period            a half-open period of instants
slots             the raster of quarter hours, and claims on it
weekly_hours      a week of opening hours in local time
opening_hours     weeks, seasons and exceptions; when a place can be used
working_time      adding and subtracting hours that count only while a place is open
wall_clock        moving and repeating periods so that they keep their hours
weeks             the centres' week, from Sunday to Saturday
================= =================================================================
"""
