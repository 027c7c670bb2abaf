"""`make bench`: how close the whole path is to the floor, as ratios measured in one run."""
