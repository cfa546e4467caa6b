let description = [{ Rules: `well-kept`, `not-tested`. }];
