"""What becomes of the rules' answers, for rows and for memory alike: pure, no Django, no clock."""
