"""How senders spell what they tell, one versioned table a sender."""
